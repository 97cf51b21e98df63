// The inBrain callback with Powertools, as its guide has it: the signature checked, then the part that
// must happen once made idempotent by its identity.

import { createHash, timingSafeEqual } from 'node:crypto';
import { IdempotencyConfig, makeIdempotent } from '@aws-lambda-powertools/idempotency';
import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb';

const secret = process.env.CALLBACK_SECRET;

const persistenceStore = new DynamoDBPersistenceLayer({
  tableName: process.env.IDEMPOTENCY_TABLE,
});
const config = new IdempotencyConfig({ eventKeyJmesPath: 'RewardId' });

const record = makeIdempotent(
  async (callback) => ({ status: 'recorded', id: callback.RewardId }),
  { persistenceStore, config }
);

const answer = (statusCode, body) => ({
  statusCode,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

export const handler = async (event, context) => {
  config.registerLambdaContext(context);
  const callback = JSON.parse(event.body);
  const expected = createHash('md5')
    .update(`${callback.PanelistId}${callback.RewardId}${secret}`)
    .digest();
  const given = Buffer.from(callback.Sig ?? '', 'hex');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    return answer(401, { status: 'unauthorized' });
  }
  return answer(200, await record(callback));
};
