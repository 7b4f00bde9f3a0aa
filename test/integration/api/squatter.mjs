// A program that took the port of a server that is gone. It agrees to everything, and prints all that it is sent.
import { createServer } from 'node:net';

const body = JSON.stringify({ campaigns: [], instance: '0'.repeat(32), proof: '0'.repeat(64), status: 'ok', url: 'x' });
createServer((socket) => {
  socket.on('error', () => undefined);
  socket.on('data', (data) => {
    process.stdout.write(data);
    socket.write(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
  });
}).listen(Number(process.argv.at(-1)), '127.0.0.1', () => process.stdout.write('listens\n'));
