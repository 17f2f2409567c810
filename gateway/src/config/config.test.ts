import { describe, expect, it } from 'vitest';
import { helpText, parseCommandLine } from './cli.ts';
import { ConfigError, type Flags, flagOf, parseConfig, variableOf } from './config.ts';
import { SETTINGS } from './settings.ts';

/** Returns the problems of settings; empty when they are valid. */
function problemsOf(env: Record<string, string>, flags: Flags = {}, known: readonly string[] = []): readonly string[] {
	try {
		parseConfig(env, flags, known);
		return [];
	} catch (error) {
		if (error instanceof ConfigError) return error.problems;
		throw error;
	}
}

describe('parseConfig', () => {
	it('returns the documented defaults without settings', () => {
		expect(parseConfig({})).toMatchObject({
			host: '127.0.0.1',
			port: 8080,
			internalPort: 8081,
			dataDir: './data',
			windowMs: 50,
			heartbeatMs: 15_000,
			blockedTimeoutMs: 30_000,
			allowedOrigins: [],
			trustedHosts: [],
		});
		expect(Object.fromEntries(parseConfig({}).reactions)).toEqual({
			heart: 'tap',
			like: 'tap',
			clap: 'tap',
			laugh: 'tap',
			wow: 'tap',
		});
	});

	it('reads the environment, and prefers a flag to its variable', () => {
		const env = { LIKEWIRE_PORT: '9000', LIKEWIRE_WINDOW_MS: '20', PATH: '/bin' };
		expect(parseConfig(env)).toMatchObject({ port: 9_000, windowMs: 20 });
		expect(parseConfig(env, { windowMs: '30' })).toMatchObject({ port: 9_000, windowMs: 30 });
		expect(problemsOf({ LIKEWIRE_PORT: 'x' }, { port: '1' })).toEqual([]);
	});

	it('keeps single likes for ever, or for longer than clients retry them', () => {
		expect(problemsOf({ LIKEWIRE_RETENTION_DAYS: '0' })).toEqual([]);
		expect(problemsOf({ LIKEWIRE_RETENTION_DAYS: '2' })).toEqual([]);
		expect(problemsOf({ LIKEWIRE_RETENTION_DAYS: '1' })).toEqual([expect.stringContaining('at least 2')]);
	});

	it('ignores the variables of Kubernetes for Services called likewire and likewire-internal', () => {
		const links = {
			LIKEWIRE_SERVICE_HOST: '10.0.0.1',
			LIKEWIRE_SERVICE_PORT: '8080',
			LIKEWIRE_SERVICE_PORT_HTTP: '8080',
			LIKEWIRE_PORT: 'tcp://10.0.0.1:8080',
			LIKEWIRE_PORT_8080_TCP: 'tcp://10.0.0.1:8080',
			LIKEWIRE_PORT_8080_TCP_PROTO: 'tcp',
			LIKEWIRE_PORT_8080_TCP_PORT: '8080',
			LIKEWIRE_PORT_8080_TCP_ADDR: '10.0.0.1',
			LIKEWIRE_INTERNAL_SERVICE_HOST: '10.0.0.2',
			LIKEWIRE_INTERNAL_PORT: 'tcp://10.0.0.2:8081',
			LIKEWIRE_INTERNAL_PORT_8081_TCP: 'tcp://10.0.0.2:8081',
		};
		expect(parseConfig(links)).toMatchObject({ port: 8_080, internalPort: 8_081 });
		expect(parseConfig({ ...links, LIKEWIRE_PORT: '9000' })).toMatchObject({ port: 9_000 });
		expect(problemsOf({ ...links, LIKEWIRE_PORT: 'http://x' })).toHaveLength(1);
	});

	it('refuses the same names without the host of a Service beside them', () => {
		const env = { LIKEWIRE_PORT: 'tcp://10.0.0.1:8080', LIKEWIRE_SERVICE_PORT: '8080', LIKEWIRE_PORT_8080_TCP: 'x' };
		expect(problemsOf(env)).toHaveLength(3);
	});

	it('returns a frozen object', () => {
		expect(Object.isFrozen(parseConfig({}))).toBe(true);
	});

	it('names every problem at once, each with its source', () => {
		const problems = problemsOf(
			{ LIKEWIRE_PORT: '70000', LIKEWIRE_LOG_LEVEL: 'loud', LIKEWIRE_WINDOW: '50' },
			{ node: 'a b', dataDir: '' },
			['--colour is not a flag'],
		);
		expect(problems).toEqual([
			'--colour is not a flag',
			"LIKEWIRE_WINDOW is not a setting; 'likewire --help' lists them",
			expect.stringMatching(/^LIKEWIRE_PORT should be .*65535$/),
			expect.stringMatching(/^--data-dir should /),
			expect.stringMatching(/^--node should /),
			expect.stringMatching(/^LIKEWIRE_LOG_LEVEL should be one of /),
		]);
	});

	it.each([
		['port', '', '-1', '1.5', '65536', '0x10', '1e3', ' 80', '80 ', 'http', '99999999999999999999'],
		['windowMs', '', '0', '10001', '-5', 'NaN'],
		['commitWindowMs', '', '-1', '1001'],
		['heartbeatMs', '', '999', '600001'],
		['host', '', '0.0.0.0', '10.0.0.1', '::', 'example.com'],
		['node', '', 'a b', 'a\nb', 'a/b', 'x'.repeat(129)],
		['reactions', '', 'Heart', 'heart,', ',heart', 'heart:twice', 'heart:once:x', 'a b', '__proto__'],
		[
			'allowedOrigins',
			'page.example',
			'https://page.example/',
			'https://a.example,',
			'https://a.example,*',
			'https://*',
			'https://*.com',
			'https://a.*.example',
			'https://*a.example',
			'http://localhost:*',
			'capacitor://',
			'capacitor://localhost/',
			'ftp://a.example',
			'file://',
			'chrome-extension://abc',
		],
		['trustedHosts', 'a b', 'live.test:8080', 'http://live.test', '*.live.test', '*', ',', 'a,'],
		['logLevel', '', 'INFO', 'verbose'],
		['dataDir', ''],
		['databasePool', '', '0', '101'],
		['databaseUrl', 'db', 'mysql://db/x', ' ', '//db/x'],
	] as const)('refuses invalid values of %s', (name, ...texts) => {
		for (const text of texts) {
			expect([text, problemsOf({ [variableOf(name)]: text })]).toEqual([
				text,
				expect.arrayContaining([expect.stringContaining(variableOf(name))]),
			]);
		}
	});

	it('refuses origins that any page may have without a secret for tokens', () => {
		for (const allowedOrigins of ['*', 'null', 'https://a.example,null']) {
			expect(problemsOf({ LIKEWIRE_ALLOWED_ORIGINS: allowedOrigins })).toEqual([
				expect.stringMatching(/^LIKEWIRE_ALLOWED_ORIGINS .*any page.*LIKEWIRE_JWT_SECRET/),
			]);
			const env = { LIKEWIRE_ALLOWED_ORIGINS: allowedOrigins, LIKEWIRE_JWT_SECRET: 'x'.repeat(32) };
			expect(problemsOf(env)).toEqual([]);
		}
	});

	it('reads several reactions with their policies, several origins, and several hosts', () => {
		const env = {
			LIKEWIRE_REACTIONS: 'heart, wow:once,clap:tap',
			LIKEWIRE_ALLOWED_ORIGINS: 'https://a.example, http://b:81, https://*.c.example, capacitor://localhost, app://d',
			LIKEWIRE_TRUSTED_HOSTS: 'Live.test, 10.0.0.1,::1',
		};
		const { reactions, allowedOrigins, trustedHosts } = parseConfig(env);
		expect([...reactions]).toEqual([
			['heart', 'tap'],
			['wow', 'once'],
			['clap', 'tap'],
		]);
		expect(allowedOrigins).toEqual([
			'https://a.example',
			'http://b:81',
			'https://*.c.example',
			'capacitor://localhost',
			'app://d',
		]);
		expect(trustedHosts).toEqual(['live.test', '10.0.0.1', '::1']);
	});

	it('does not repeat the password of a refused database', () => {
		for (const url of ['mysql://u:hush-hush@db/x', 'postgres://u:hush-hush@[x/', 'u:hush-hush']) {
			const problems = problemsOf({ LIKEWIRE_DATABASE_URL: url });
			expect(problems).toHaveLength(1);
			expect(problems.join()).not.toContain('hush');
		}
	});

	it('names values that contradict each other', () => {
		expect(problemsOf({ LIKEWIRE_PORT: '9000', LIKEWIRE_INTERNAL_PORT: '9000' })).toHaveLength(1);
		expect(problemsOf({ LIKEWIRE_PORT: '0', LIKEWIRE_INTERNAL_PORT: '0' })).toEqual([]);
		expect(problemsOf({ LIKEWIRE_HEARTBEAT_MS: '20000', LIKEWIRE_MAX_LIFETIME_MS: '10000' })).toHaveLength(1);
		const keys = { LIKEWIRE_API_KEYS: 'shop:0123456789abcdef' };
		expect(problemsOf(keys)).toEqual([expect.stringMatching(/^LIKEWIRE_API_KEYS .* LIKEWIRE_JWT_SECRET/)]);
		expect(problemsOf({ ...keys, LIKEWIRE_JWT_SECRET: 'x'.repeat(32) })).toEqual([]);
		expect(problemsOf({ LIKEWIRE_BLOCKED_TIMEOUT_MS: '1000', LIKEWIRE_WINDOW_MS: '5000' })).toHaveLength(1);
		expect(problemsOf({ LIKEWIRE_DRAIN_MIN_MS: '4000', LIKEWIRE_DRAIN_MS: '20000' })).toEqual([
			expect.stringMatching(/^LIKEWIRE_DRAIN_MIN_MS and LIKEWIRE_DRAIN_MS .*23000 together/),
		]);
		expect(problemsOf({ LIKEWIRE_DRAIN_MIN_MS: '20000', LIKEWIRE_DRAIN_MS: '3000' })).toEqual([]);
	});
});

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

describe('parseCommandLine', () => {
	it('sets each setting by a flag of its name', () => {
		expect(parseCommandLine(['--port', '9000', '--data-dir=/tmp/x', '--window-ms', '20'])).toEqual({
			kind: 'start',
			flags: { port: '9000', dataDir: '/tmp/x', windowMs: '20' },
			problems: [],
		});
		expect(parseCommandLine([])).toEqual({ kind: 'start', flags: {}, problems: [] });
	});

	it('uses the last of several equal flags', () => {
		expect(parseCommandLine(['--port', '1', '--port', '2'])).toMatchObject({ flags: { port: '2' } });
	});

	it('names every unknown argument, and every flag without its value', () => {
		const command = parseCommandLine(['--colour', 'stray', '-p', '--dataDir=/x', '--port']);
		expect(command).toMatchObject({ kind: 'start', flags: {} });
		const { problems } = command as { problems: readonly string[] };
		for (const name of ['--colour', "'stray'", '--p ', '--dataDir', '--port requires']) {
			expect(problems).toContainEqual(expect.stringContaining(name));
		}
		expect(problems).toHaveLength(5);
	});

	it.each([
		[['--help'], 'help'],
		[['-h', '--nonsense'], 'help'],
		[['--version'], 'version'],
		[['-v'], 'version'],
	] as const)('parses %j as %s', (args, kind) => {
		expect(parseCommandLine(args)).toMatchObject({ kind });
	});

	it('parses a command for a store by two words, with a help of its own', () => {
		expect(parseCommandLine(['store', 'restored', '--region', 'north'])).toMatchObject({
			kind: 'store restored',
			flags: { region: 'north' },
			problems: [],
		});
		for (const action of ['store backup', 'store restore', 'store restored'] as const) {
			expect(parseCommandLine([...action.split(' '), '--help'])).toEqual({ kind: 'help', of: action });
			expect(helpText(action)).toMatch(/--data-dir.*--database-url.*--region/s);
			expect(helpText()).toContain(action);
		}
		expect(parseCommandLine(['store'])).toMatchObject({ problems: [expect.stringContaining('store restored')] });
		expect(parseCommandLine(['store', 'restored', 'twice'])).toMatchObject({ problems: [expect.any(String)] });
		expect(parseCommandLine(['restored', 'store'])).toMatchObject({
			problems: [expect.any(String), expect.any(String)],
		});
	});

	it('accepts one file for a backup, and --overwrite only for a backup', () => {
		const backup = { kind: 'store backup', file: '/b', problems: [] };
		expect(parseCommandLine(['store', 'backup', '/b'])).toMatchObject({ ...backup, overwrite: false });
		expect(parseCommandLine(['store', 'backup', '/b', '--overwrite'])).toMatchObject({ ...backup, overwrite: true });
		for (const args of [['restore', '/b', '--overwrite'], ['restore', '/b', '/c'], ['restore'], ['backup']]) {
			expect(parseCommandLine(['store', ...args])).toMatchObject({ problems: [expect.any(String)] });
		}
		expect(parseCommandLine(['--overwrite'])).toMatchObject({ problems: [expect.any(String)] });
	});

	it('lists every setting in the help as flag and variable, with its default', () => {
		const help = helpText();
		for (const [name, setting] of Object.entries(SETTINGS)) {
			const line = help.split('\n').find((text) => text.includes(`${variableOf(name)} `)) ?? '';
			expect(line).toMatch(/^ {2}--[a-z-]+ +LIKEWIRE_/);
			expect(line).toContain(setting.help);
			expect(line).toContain(setting.default);
		}
	});
});
