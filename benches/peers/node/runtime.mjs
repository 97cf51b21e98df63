// Lambda's Node.js runtime client (`aws-lambda-ric`) compiles its HTTP client with cmake and autotools
// when it is installed, and newer versions want a newer Node.js. This is the same loop over Node's own
// HTTP client, with nothing else in it: less than a real one does.

import http from 'node:http';

const [hostname, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
const invocations = '/2018-06-01/runtime/invocation';

const call = (method, path, body) =>
  new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : {
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(body),
    };
    const request = http.request({ hostname, port, agent, method, path, headers }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => resolve({ headers: response.headers, body: Buffer.concat(chunks) }));
    });
    request.on('error', reject);
    request.end(body);
  });

const { handler } = await import('./app.mjs');

for (;;) {
  const next = await call('GET', `${invocations}/next`);
  const id = next.headers['lambda-runtime-aws-request-id'];
  const deadline = Number(next.headers['lambda-runtime-deadline-ms']);
  const context = {
    awsRequestId: id,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
  try {
    const answer = await handler(JSON.parse(next.body), context);
    await call('POST', `${invocations}/${id}/response`, JSON.stringify(answer));
  } catch (error) {
    const { name: errorType, message: errorMessage, stack } = error;
    const failure = { errorType, errorMessage, trace: stack?.split('\n') };
    await call('POST', `${invocations}/${id}/error`, JSON.stringify(failure));
  }
}
