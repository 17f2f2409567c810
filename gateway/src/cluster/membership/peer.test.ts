import { isId } from '@likewire/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Peer, parsePeers, parseRoles, ROLES } from './peer.ts';

/** The result of the parser, and its issues. */
function parsed<Value>(parse: (context: { addIssue(text: unknown): void }) => Value): [Value, unknown[]] {
	const issues: unknown[] = [];
	return [parse({ addIssue: (text) => issues.push(text) }), issues];
}

const peersIn = (text: string) => parsed((context) => parsePeers(text, context));
const rolesIn = (text: string) => parsed((context) => parseRoles(text, context));

describe('parsePeers', () => {
	it('returns nodes with their roles and addresses', () => {
		const text = 'likes-1=likes@10.0.0.1:8081, all=likes+dispatcher+frontend@db.example.com:80,f.2~x=frontend@[::1]:9';
		expect(peersIn(text)).toEqual([
			[
				{ node: 'likes-1', roles: ['likes'], url: 'http://10.0.0.1:8081' },
				{ node: 'all', roles: ['likes', 'dispatcher', 'frontend'], url: 'http://db.example.com:80' },
				{ node: 'f.2~x', roles: ['frontend'], url: 'http://[::1]:9' },
			],
			[],
		]);
		expect(peersIn('')).toEqual([[], []]);
	});

	it.each([
		'likes-1',
		'likes-1=likes',
		'likes-1@10.0.0.1:8081',
		'=likes@10.0.0.1:8081',
		'likes-1=@10.0.0.1:8081',
		'likes-1=likes@10.0.0.1',
		'likes-1=likes@:8081',
		'likes-1=likes@10.0.0.1:99999',
		'likes-1=likes@10.0.0.1:8081/path',
		'likes-1=likes@http://10.0.0.1:8081',
		'likes-1=likes@10.0.0.1:port',
		'li kes=likes@10.0.0.1:8081',
		'likes-1=likes@user:password@10.0.0.1:8081',
		'likes-1=likes@10.0.0.1:8081?x',
		'likes-1=likes@10.0.0.1:8081#x',
		'likes-1=likes@a b:8081',
		'likes-1=likes@a?b:8081',
		'likes-1=likes@a#b:8081',
		',',
		'likes-1=likes@10.0.0.1:8081,',
		'ü=likes@10.0.0.1:8081',
	])('shows the format of a node for %j', (text) => {
		const [peers, issues] = peersIn(text);
		expect(issues.length).toBeGreaterThan(0);
		for (const issue of issues) expect(issue).toMatch(/looks like dispatcher-1=dispatcher@10\.0\.0\.1:8081$/);
		expect(peers.length).toBeLessThanOrEqual(1);
	});

	it('names an unknown role, and a node or a role that occurs twice', () => {
		expect(peersIn('a=liker@h:1')[1]).toEqual([
			"has 'liker', which is not a role; roles are: likes, dispatcher, frontend",
		]);
		expect(peersIn('a=likes@h:1,a=frontend@h:2')[1]).toEqual(["names the node 'a' twice"]);
		expect(peersIn('a=likes+likes@h:1')[1]).toEqual(["names 'likes' twice"]);
		expect(peersIn('a=__proto__@h:1')[1]).toHaveLength(1);
	});

	it('parses the text of any nodes', () => {
		const peer = fc.record({
			node: fc.stringMatching(/^[\w.~:-]{1,40}$/).filter(isId),
			roles: fc.subarray([...ROLES], { minLength: 1 }),
			port: fc.integer({ min: 1, max: 65_535 }),
			host: fc.oneof(fc.ipV4(), fc.constant('[::1]'), fc.domain()),
		});
		fc.assert(
			fc.property(fc.uniqueArray(peer, { selector: ({ node }) => node }), (nodes) => {
				const text = nodes.map(({ node, roles, host, port }) => `${node}=${roles.join('+')}@${host}:${port}`).join(',');
				const expected: Peer[] = nodes.map(({ node, roles, host, port }) => ({
					node,
					roles,
					url: `http://${host}:${port}`,
				}));
				expect(peersIn(text)).toEqual([expected, []]);
			}),
		);
	});

	it('throws for no text, and returns only nodes with valid names', () => {
		fc.assert(
			fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-c=@+,:.1 ]*$/)), (text) => {
				const [peers, issues] = peersIn(text);
				for (const { node, url } of peers) {
					expect(node).toMatch(/^[\w.~:-]{1,128}$/);
					expect(new URL(url).pathname).toBe('/');
				}
				if (text !== '') expect(peers.length + issues.length).toBeGreaterThan(0);
			}),
		);
	});
});

describe('parseRoles', () => {
	it('parses names with commas between', () => {
		expect(rolesIn('frontend, likes')).toEqual([['frontend', 'likes'], []]);
	});

	it.each(['', 'all', 'likes,', 'Likes', 'likes;frontend', 'likes,likes', 'toString'])('refuses %j', (text) => {
		expect(rolesIn(text)[1]).toHaveLength(1);
	});
});
