import { describe, expect, it } from 'vitest';
import { AnswerParser } from './response-parser.ts';

const PLAIN = 'HTTP/1.1 200 OK\r\nX-Node: d1\r\ncontent-length: 6\r\n\r\n\u2665 ok';
const CHUNKED =
	'HTTP/1.1 409 Conflict\r\nTransfer-Encoding: chunked\r\n\r\n4;x=y\r\nfour\r\nA\r\n0123456789\r\n0\r\nX-T: 1\r\n\r\n';
const INTERIM = `HTTP/1.1 100 Continue\r\n\r\n${PLAIN}`;
const EMPTY = 'HTTP/1.1 204 No Content\r\nx-node: d1\r\n\r\n';

function read(...parts: Buffer[]) {
	const parser = new AnswerParser();
	const answers = parts.map((part) => parser.read(part));
	return { answer: answers.pop(), early: answers.filter((answer) => answer !== undefined), isEmpty: parser.isEmpty };
}

describe('AnswerParser', () => {
	it.each([
		[PLAIN, 200, '\u2665 ok'],
		[CHUNKED, 409, 'four0123456789'],
		[INTERIM, 200, '\u2665 ok'],
		[EMPTY, 204, ''],
		['HTTP/1.1 200\r\ncontent-length: 0\r\n\r\n', 200, ''],
	])('parses an answer split at any place: %j', (text, status, body) => {
		const bytes = Buffer.from(text);
		expect(read(bytes).answer).toMatchObject({ status, body });
		for (let at = 1; at < bytes.length; at++) {
			const { answer, early, isEmpty } = read(bytes.subarray(0, at), bytes.subarray(at));
			expect([answer?.status, answer?.body, early, isEmpty]).toEqual([status, body, [], true]);
		}
	});

	it('returns headers by names in lower case, and no others', () => {
		const { answer } = read(Buffer.from(PLAIN));
		expect(answer?.headers['x-node']).toBe('d1');
		expect(answer?.headers.constructor).toBeUndefined();
	});

	it('is not empty when bytes follow the answer', () => {
		expect(read(Buffer.from(`${EMPTY}HTTP`)).isEmpty).toBe(false);
	});

	it.each([
		'SSH-2.0-OpenSSH_9\r\n\r\n',
		'HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n',
		'HTTP/1.1 200 OK\r\n: none\r\n\r\n',
		'HTTP/1.1 200 OK\r\n\r\nuntil the end',
		'HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n',
		'HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n',
		'HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\n',
		'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nwhat\r\n',
		`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(40_000)}`,
	])('throws for an invalid answer: %j', (text) => {
		expect(() => read(Buffer.from(text))).toThrow(/answer/);
	});
});
