import { describe, expect, it } from 'vitest';
import { problemsOf } from '../../test/config-problems.ts';
import { type Flags, flagOf, parseConfig, variableOf } from './config.ts';

describe('parseConfig with peers', () => {
	const PEERS = 'l1=likes@10.0.0.1:1,d1=dispatcher@10.0.0.2:1,f1=frontend@10.0.0.3:1';
	const fine: Flags = { node: 'f1', roles: 'frontend', peers: PEERS, clusterSecret: 'a-secret-of-the-cluster' };

	it('requires that the list has this node with its roles', () => {
		expect(problemsOf({}, fine)).toEqual([]);
		expect(problemsOf({}, { ...fine, node: 'f2' })).toEqual(['LIKEWIRE_PEERS should name this node, f2, too']);
		expect(problemsOf({}, { ...fine, roles: 'frontend,likes' })).toHaveLength(1);
	});

	it('allows one Likes node with SQLite, and several with one PostgreSQL', () => {
		const peers = `${PEERS},l2=likes@10.0.0.4:1`;
		expect(problemsOf({}, { ...fine, node: 'l1', roles: 'likes', peers })).toEqual([
			expect.stringMatching(/^LIKEWIRE_PEERS gives likes to l1 and l2, and a SQLite database belongs to one node;/),
		]);
		const databaseUrl = 'postgres://likewire@db/likewire';
		expect(problemsOf({}, { ...fine, node: 'l1', roles: 'likes', peers, databaseUrl })).toEqual([]);
	});

	it.each(['', 'too short', 'with a space in the middle', 'a-secret-with-a-line-end\n', 'ein-Schlüssel-für-alle'])(
		'refuses the secret %j',
		(clusterSecret) => expect(problemsOf({}, { ...fine, clusterSecret })).not.toEqual([]),
	);
});

describe('parseConfig with etcd', () => {
	const fine: Flags = {
		node: 'f1',
		roles: 'frontend',
		etcd: 'https://10.0.0.1:2379, https://etcd-2.example:2379',
		clusterSecret: 'a-secret-of-the-cluster',
	};

	it('requires no list of nodes', () => {
		expect(problemsOf({}, fine)).toEqual([]);
		expect(parseConfig({}, fine)).toMatchObject({
			etcd: ['https://10.0.0.1:2379', 'https://etcd-2.example:2379'],
			etcdPrefix: '/likewire/',
			etcdTtl: 10,
		});
	});

	it.each([
		['peers', { ...fine, peers: 'f1=frontend@10.0.0.1:1' }],
		['clusterSecret', { ...fine, clusterSecret: '' }],
		['etcdKey', { ...fine, etcdCert: '/cert.pem' }],
		['etcdCert', { ...fine, etcdKey: '/key.pem' }],
		['etcdCa', { ...fine, etcd: 'http://10.0.0.1:2379', etcdCa: '/ca.pem' }],
		['etcdPassword', { ...fine, etcdUser: 'likewire' }],
		['etcdUser', { ...fine, etcdPassword: 'secret' }],
		['etcd', { etcdCa: '/ca.pem' }],
		['etcd', { advertise: '10.0.0.1:8081' }],
		['advertise', { ...fine, internalHost: '0.0.0.0' }],
		['advertise', { ...fine, host: '::', jwtSecret: 'x'.repeat(32) }],
		['advertise', { ...fine, advertise: '0.0.0.0:8081' }],
		['advertise', { ...fine, advertise: '10.0.0.1' }],
		['advertise', { ...fine, advertise: '10.0.0.1:0' }],
		['advertise', { ...fine, advertise: 'http://10.0.0.1:8081' }],
	] satisfies [string, Flags][])('names the problem of %s in %j', (name, flags) => {
		const problems = problemsOf({}, flags);
		expect(problems).toHaveLength(1);
		expect(problems[0]).toMatch(new RegExp(`${variableOf(name)}|--${name}`));
	});

	it('accepts a wildcard address with another address for other nodes', () => {
		expect(problemsOf({}, { ...fine, internalHost: '0.0.0.0', advertise: 'node-1.example:8081' })).toEqual([]);
		expect(problemsOf({}, { ...fine, internalHost: '0.0.0.0', advertise: '[::1]:8081' })).toEqual([]);
	});

	it.each([
		'10.0.0.1:2379',
		'http://',
		'ftp://10.0.0.1',
		'http://a:1,',
		'http://a:1/v3',
		'http://a:1,https://b:1',
		',',
	])('refuses the endpoints %j', (etcd) => expect(problemsOf({}, { ...fine, etcd })).not.toEqual([]));

	it('does not repeat the password of an endpoint', () => {
		const problems = problemsOf({}, { ...fine, etcd: 'http://root:geheim@10.0.0.1:2379' });
		expect(problems).toHaveLength(1);
		expect(problems.join()).not.toContain('geheim');
	});

	it.each(['', 'likewire', '/likewire', 'likewire/', '/like wire/', '//'])('refuses the prefix %j', (etcdPrefix) => {
		expect(problemsOf({}, { ...fine, etcdPrefix })).toHaveLength(1);
	});

	it.each(['0', '4', '601', 'x'])('refuses the TTL %j', (etcdTtl) => {
		expect(problemsOf({}, { ...fine, etcdTtl })).toHaveLength(1);
	});
});

describe('parseConfig with regions', () => {
	const fine: Flags = { region: 'eu', regions: 'us=10.1.0.1:8081', clusterSecret: 'a-secret-of-the-cluster' };

	it('returns other regions with the addresses of their dispatchers', () => {
		expect(problemsOf({}, fine)).toEqual([]);
		expect(parseConfig({}, fine).regions).toEqual([{ region: 'us', urls: ['http://10.1.0.1:8081'] }]);
		expect(parseConfig({}).regions).toEqual([]);
	});

	it.each([
		['regions', { ...fine, region: 'us' }],
		['regions', { ...fine, regions: 'us=10.1.0.1' }],
		['regions', { ...fine, regions: 'us=10.1.0.1:1,us=10.1.0.2:1' }],
		['clusterSecret', { ...fine, clusterSecret: '' }],
		['region', { ...fine, region: 'e u' }],
	] satisfies [string, Flags][])('names the problem of %s in %j', (name, flags) => {
		const problems = problemsOf({}, flags);
		expect(problems).toHaveLength(1);
		expect(problems[0]).toMatch(new RegExp(`^(${variableOf(name)}|--${flagOf(name)}) `));
	});
});
