// The least that any gateway on Node costs: it accepts, asks the provider and pipes both ways, and parses nothing.
import http from 'node:http';
import type { AddressInfo } from 'node:net';

const [upstream = ''] = process.argv.slice(2);
const { hostname, port } = new URL(upstream);
const agent = new http.Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });

const server = http.createServer((request, response) => {
  const headers = { ...request.headers, host: `${hostname}:${port}` };
  const asked = http.request({ hostname, port, path: '/v1/chat/completions', method: request.method, headers, agent }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  asked.on('error', () => response.destroy());
  response.on('close', () => asked.destroy());
  request.pipe(asked);
});
server.listen(0, '127.0.0.1', 4096, () => process.stdout.write(`listens on http://127.0.0.1:${(server.address() as AddressInfo).port}\n`));
