<?php
// A receiver for the postbacks of CPX Research, and the loop that holds it against the corpus of its contract.
//
//     php check.php ../../tests/contracts/corpus/cpx.json             every verdict, and what is read
//     php check.php ../../tests/contracts/corpus/cpx.json --reasons   the reasons of refusals as well

declare(strict_types=1);

// What is particular to the provider: contracts/cpx.toml says the same. Put your own here.
const NETWORKS = ['188.40.3.73', '157.90.97.92', '2a01:4f8:d0a:30ff::2']; // the addresses that it calls from
const CAP = '10000'; // what is more than this waits for a person
const AMOUNT = '/\A-?[0-9]{1,20}(\.[0-9]{1,8})?\z/';
const KINDS = ['' => 'survey_completed', 'complete' => 'survey_completed', 'out' => 'survey_screened_out', 'bonus' => 'bonus'];

/** The request is none of the provider's, or cannot be read. Its message is the reason. */
final class Refused extends Exception
{
}

/** A name or a value of a query. urldecode passes over what is wrong in it. */
function decoded(string $text): string
{
    $value = urldecode($text);
    if (preg_match('/%(?![0-9A-Fa-f]{2})/', $text) || !preg_match('//u', $value)) {
        throw new Refused('undecodable');
    }
    return $value;
}

/** The parameters of a query, as they are written. $_GET keeps the last of two, and renames some. */
function pairs(string $query): array
{
    $written = array_filter(explode('&', $query), fn ($pair) => $pair !== '');
    return array_map(fn ($pair) => explode('=', $pair, 2) + [1 => ''], array_values($written));
}

/** A parameter before anything is proved: nobody can say which of two counts, or what a broken one is. */
function unproved(string $query, string $name): string
{
    $values = array_values(array_filter(pairs($query), fn ($pair) => $pair[0] === $name));
    try {
        if (count($values) <= 1) {
            return decoded($values[0][1] ?? '');
        }
    } catch (Refused) {
        // It is as good as none.
    }
    throw new Refused('unauthenticated');
}

/** All parameters, each of which may be there once. */
function parameters(string $query): array
{
    $fields = [];
    foreach (pairs($query) as [$name, $value]) {
        $name = decoded($name);
        if (array_key_exists($name, $fields)) {
            throw new Refused('repeated');
        }
        $fields[$name] = decoded($value);
    }
    return $fields;
}

/** A field that is there, is not too long and has no control characters. */
function text(array $fields, string $name, int $longest): string
{
    $value = $fields[$name] ?? '';
    if ($value === '') {
        throw new Refused('missing');
    }
    if (!preg_match('/\A[^\x{0}-\x{1f}\x{7f}-\x{9f}]{1,' . $longest . '}\z/u', $value)) {
        throw new Refused('malformed');
    }
    return $value;
}

/** An amount with all of its places, so that two can be compared as texts: a float would lose digits. */
function exact(string $amount): string
{
    [$whole, $part] = explode('.', $amount, 2) + [1 => ''];
    return str_pad($whole, 20, '0', STR_PAD_LEFT) . '.' . str_pad($part, 8, '0');
}

/** What a genuine request says. $keys are the secrets that are valid now. */
function receive(string $path, array $request, array $keys, ?string $sourceIp): array
{
    [$before, $query] = explode('?', $request['url'], 2) + [1 => ''];
    if (preg_replace('#\Ahttps?://[^/]*#', '', $before) !== $path) {
        throw new Refused('no_such_route');
    }
    if ($request['method'] !== 'GET') {
        throw new Refused('wrong_method');
    }
    if (!in_array($sourceIp, NETWORKS, true)) {
        throw new Refused('foreign_network');
    }

    // The proof comes first: nothing else is looked at before it.
    $signature = unproved($query, 'hash');
    if (!preg_match('/\A[0-9A-Fa-f]{32}\z/', $signature)) {
        throw new Refused('unauthenticated');
    }
    $signed = unproved($query, 'trans_id');
    $genuine = false;
    foreach ($keys as $secret) {
        // Never ==: "0e1" == "0e2" is true in PHP.
        $genuine = hash_equals(md5("$signed-$secret"), strtolower($signature)) || $genuine;
    }
    if (!$genuine) {
        throw new Refused('unauthenticated');
    }

    $fields = parameters($query);
    $status = text($fields, 'status', 1);
    $kind = KINDS[$fields['type'] ?? ''] ?? null;
    if (!in_array($status, ['1', '2'], true) || $kind === null) {
        throw new Refused('malformed');
    }
    $paid = $status === '1';
    $transId = text($fields, 'trans_id', 64);
    // Users have hyphens in their ids, transactions have none: the wall shows each browser md5("USER-SECRET").
    if (str_contains($transId, '-')) {
        throw new Refused('malformed');
    }
    $user = text($fields, 'user_id', 128);
    // What is taken back is what was given, whatever the reversal says.
    $amount = $paid ? text($fields, 'amount_local', 29) : $fields['amount_local'] ?? '';
    if (($amount !== '' || $paid) && !preg_match(AMOUNT, $amount) || $paid && str_starts_with($amount, '-')) {
        throw new Refused('malformed');
    }
    $gives = $paid && trim($amount, '0.') !== '';
    $effect = $paid ? ($gives ? 'complete' : 'nothing') : 'reverse';
    return [
        'kind' => $paid ? $kind : 'survey_reversed',
        'id_parts' => [$transId],
        'user' => $user,
        'amount' => $gives ? $amount : null,
        'unit' => $gives ? 'points' : null,
        'effect' => $effect,
        'of' => $effect === 'nothing' ? null : $transId,
        'test' => false,
        'held' => $gives && strcmp(exact($amount), exact(CAP)) > 0 ? 'over_cap' : null,
    ];
}

/**
 * What your database does, in one statement with a unique key: the first one counts, once. A reversal has an identity
 * of its own, because the provider gives it the id of what it takes back.
 */
function record(array &$seen, array $callback): string
{
    $key = json_encode([$callback['effect'] === 'reverse', $callback['id_parts']]);
    $content = json_encode([$callback['kind'], $callback['user'], $callback['amount']]);
    if (!array_key_exists($key, $seen)) {
        $seen[$key] = $content;
        return 'recorded';
    }
    return $seen[$key] === $content ? 'duplicate' : 'conflict';
}

/** What is not as the case says. */
function differences(array $case, array $corpus, bool $withReasons): array
{
    $secrets = array_values($corpus['keys']);
    $received = fn () => receive('/' . $corpus['contract'], $case['request'], $secrets, $case['source_ip']);
    try {
        $callback = $received();
    } catch (Refused $refused) {
        $reason = $refused->getMessage();
        if ($case['verdict'] !== 'refused') {
            return ["refused, $reason"];
        }
        return $withReasons && $reason !== $case['reason'] ? ["reason $reason, not {$case['reason']}"] : [];
    }
    if ($case['verdict'] !== 'recorded') {
        return ["recorded, and is to be refused: {$case['reason']}"];
    }
    $wrong = [];
    foreach ($callback as $name => $found) {
        $wanted = $case[$name];
        $same = $name === 'amount' && $found !== null && $wanted !== null
            ? exact($found) === exact($wanted)
            : $found === $wanted;
        if (!$same) {
            $wrong[] = "$name " . json_encode($found) . ', not ' . json_encode($wanted);
        }
    }
    $seen = [];
    $told = record($seen, $callback) . ', ' . record($seen, $received());
    return $told === 'recorded, duplicate' ? $wrong : [...$wrong, "twice is $told"];
}

[, $file] = $argv;
$corpus = json_decode(file_get_contents($file), true, 64, JSON_THROW_ON_ERROR);
if ($corpus['version'] !== 1 || !$corpus['cases']) {
    fwrite(STDERR, "$file: not version 1, or without cases\n");
    exit(1);
}
$failed = 0;
foreach ($corpus['cases'] as $case) {
    $wrong = differences($case, $corpus, in_array('--reasons', $argv, true));
    $failed += $wrong ? 1 : 0;
    foreach ($wrong as $each) {
        echo "{$case['name']}: $each\n";
    }
}
printf("%s: %d cases, %d failed\n", $corpus['contract'], count($corpus['cases']), $failed);
exit($failed ? 1 : 0);
