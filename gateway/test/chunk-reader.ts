import { connect } from 'node:net';
import { onTestFinished } from 'vitest';

/**
 * Returns the chunks of a client that takes only complete chunks, as Python's `requests` does.
 *
 * The list grows. `header`: a further line of the request.
 */
export function readChunks(port: number, path: string, header = ''): readonly string[] {
	const socket = connect(port, '127.0.0.1');
	onTestFinished(() => {
		socket.destroy();
	});
	socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${header === '' ? '' : `${header}\r\n`}\r\n`);
	const chunks: string[] = [];
	let rest = '';
	let inBody = false;
	socket.setEncoding('latin1').on('data', (text: string) => {
		rest += text;
		if (!inBody) {
			const end = rest.indexOf('\r\n\r\n');
			if (end < 0) return;
			inBody = true;
			rest = rest.slice(end + 4);
		}
		for (;;) {
			const [head = '', size = ''] = /^([0-9a-fA-F]+)\r\n/.exec(rest) ?? [];
			const length = Number.parseInt(size, 16);
			if (head === '' || rest.length < head.length + length + 2) return;
			chunks.push(rest.slice(head.length, head.length + length));
			rest = rest.slice(head.length + length + 2);
		}
	});
	return chunks;
}
