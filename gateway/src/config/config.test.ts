import { describe, expect, it } from 'vitest';
import { problemsOf } from '../../test/config-problems.ts';
import { parseConfig, variableOf } from './config.ts';

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
