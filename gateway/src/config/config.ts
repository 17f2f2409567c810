import type { z } from 'zod';
import { ROLES } from '../cluster/membership/peer.ts';
import { hostName } from '../http/guards.ts';
import { WILDCARD_HOSTS } from './schemas.ts';
import { withoutServiceLinks } from './service-links.ts';
import { SETTINGS } from './settings.ts';

const LOOPBACK = ['127.0.0.1', '::1', 'localhost'];

/** The name of a setting, as in {@link Config}. */
export type SettingName = keyof typeof SETTINGS;

/** The values of all settings. */
export type Config = Readonly<{ [Key in SettingName]: z.output<(typeof SETTINGS)[Key]['schema']> }>;

/** The problems of a configuration, one line each. */
export class ConfigError extends Error {
	override name = 'ConfigError';
	readonly problems: readonly string[];

	constructor(problems: readonly string[]) {
		super(problems.join('\n'));
		this.problems = problems;
	}
}

/** The longest drain, in milliseconds: the rest of the stop must end within 28 s, too. */
const MAX_DRAIN_MS = 23_000;

const PREFIX = 'LIKEWIRE_';

/** Returns the environment variable of a setting: `LIKEWIRE_DATA_DIR` for `dataDir`. */
export function variableOf(name: string): string {
	return PREFIX + words(name).join('_').toUpperCase();
}

/** Returns the flag of a setting, without the dashes: `data-dir` for `dataDir`. */
export function flagOf(name: string): string {
	return words(name).join('-');
}

/** Returns the words of a camel-case name, in lower case. */
function words(name: string): string[] {
	return name.split(/(?=[A-Z])/).map((word) => word.toLowerCase());
}

/** Values of flags by the name of their setting. */
export type Flags = Readonly<Partial<Record<SettingName, string>>>;

/**
 * Returns the configuration of an environment and flags; a flag wins over its variable. Pure. Throws a
 * {@link ConfigError} that names every problem, also unknown `LIKEWIRE_` variables. Ignores the
 * variables that Kubernetes sets for Services.
 *
 * @param known the problems of the flags.
 */
export function parseConfig(
	environment: Readonly<Record<string, string | undefined>>,
	flags: Flags = {},
	known: readonly string[] = [],
): Config {
	const env = withoutServiceLinks(environment);
	const problems = [...known, ...unknownVariables(env)];
	const values: Record<string, unknown> = {};
	for (const [name, setting] of Object.entries(SETTINGS)) {
		const flag = flags[name as SettingName];
		const parsed = setting.schema.safeParse(flag ?? env[variableOf(name)] ?? setting.default);
		if (parsed.success) values[name] = parsed.data;
		else {
			const source = flag === undefined ? variableOf(name) : `--${flagOf(name)}`;
			for (const { message } of parsed.error.issues) problems.push(`${source} ${message}`);
		}
	}
	const config = values as Config;
	problems.push(...mismatches(config));
	if (problems.length > 0) throw new ConfigError(problems);
	return Object.freeze(config);
}

/** Returns the address of the internal port: for a node alone loopback, since no node uses it. */
export function internalHostOf(config: Config): string {
	const { host, internalHost } = config;
	if (internalHost !== '') return internalHost;
	const hasOthers = !isAlone(config) || config.regions.length > 0;
	return hasOthers || LOOPBACK.includes(host) ? host : '127.0.0.1';
}

/** Returns the host names of the internal port, from the settings and the lists of nodes. */
export function internalHostsOf({
	trustedHosts,
	host,
	internalHost,
	advertise,
	node,
	peers,
}: Config): readonly string[] {
	const own = peers.find((peer) => peer.node === node);
	const named = [host, internalHost, advertise, own === undefined ? '' : new URL(own.url).host];
	return [...trustedHosts, ...named.map(hostName).filter((name) => name !== '')];
}

/**
 * Returns the number of processes that serve viewers beside the main process, for this number of
 * cores; 0 when the main process serves them. All nodes of a cluster may have the same setting, so it
 * is 0 for one without viewers.
 */
export function workerCount({ workers, roles }: Pick<Config, 'workers' | 'roles'>, cores: number): number {
	if (!roles.includes('frontend')) return 0;
	const count = workers === 'auto' ? cores : workers;
	return count > 1 ? count : 0;
}

/** Returns whether the configuration names no other node and no etcd. */
export function isAlone({ peers, etcd }: Config): boolean {
	return peers.length === 0 && etcd.length === 0;
}

function unknownVariables(env: Readonly<Record<string, string | undefined>>): string[] {
	const known = new Set(Object.keys(SETTINGS).map(variableOf));
	return Object.keys(env)
		.filter((variable) => variable.startsWith(PREFIX) && !known.has(variable))
		.map((variable) => `${variable} is not a setting; 'likewire --help' lists them`);
}

/** Returns the problems of values that are valid alone. An invalid value compares as false. */
function mismatches(config: Config): string[] {
	const { port, internalPort, heartbeatMs, maxLifetimeMs, blockedTimeoutMs, windowMs, presenceMs, presenceGraceMs } =
		config;
	const pairs: [boolean, keyof Config, string, keyof Config][] = [
		[port !== 0 && port === internalPort, 'port', 'differ from', 'internalPort'],
		[maxLifetimeMs <= heartbeatMs, 'maxLifetimeMs', 'be longer than', 'heartbeatMs'],
		[presenceMs <= presenceGraceMs, 'presenceMs', 'be longer than', 'presenceGraceMs'],
		[blockedTimeoutMs <= windowMs, 'blockedTimeoutMs', 'be longer than', 'windowMs'],
	];
	const { drainMinMs, drainMs } = config;
	return [
		...(drainMinMs + drainMs > MAX_DRAIN_MS
			? [
					`${variableOf('drainMinMs')} and ${variableOf('drainMs')} should be at most ${MAX_DRAIN_MS} together: a stop is cut short after 28 s`,
				]
			: []),
		...pairs
			.filter(([wrong]) => wrong)
			.map(([, one, should, other]) => `${variableOf(one)} should ${should} ${variableOf(other)}`),
		...(config.apiKeys?.size > 0 && config.jwtSecret === ''
			? [
					`${variableOf('apiKeys')} should come with ${variableOf('jwtSecret')}: without it the gateway authenticates no caller`,
				]
			: []),
		...openDoors(config),
		...clusterMismatches(config),
		...etcdMismatches(config),
		...regionMismatches(config),
	];
}

/** Returns the problems by which clients could reach the gateway without authentication. */
function openDoors(config: Config): string[] {
	const { host, internalHost, jwtSecret, clusterSecret, allowedOrigins, frameAncestors } = config;
	const problems: string[] = [];
	const every = ['*', 'null'].find((origin) => allowedOrigins === origin || allowedOrigins?.includes(origin));
	if (jwtSecret === '' && every !== undefined) {
		const rule = `should name origins and not '${every}', which any page of the web may have`;
		problems.push(
			`${variableOf('allowedOrigins')} ${rule}: without ${variableOf('jwtSecret')} it could write as any user`,
		);
	}
	if (jwtSecret === '' && frameAncestors === '*') {
		const rule = "should name origins and not '*', which is any page of the web";
		problems.push(
			`${variableOf('frameAncestors')} ${rule}: without ${variableOf('jwtSecret')} it could like as any user`,
		);
	}
	if (host !== undefined && jwtSecret === '' && !LOOPBACK.includes(host)) {
		const rule = `should be one of ${LOOPBACK.join(', ')}`;
		problems.push(
			`${variableOf('host')} ${rule}: without ${variableOf('jwtSecret')} the gateway listens on loopback only`,
		);
	}
	if (internalHost && clusterSecret === '' && !LOOPBACK.includes(internalHost)) {
		problems.push(`${variableOf('internalHost')} is not on loopback, so ${variableOf('clusterSecret')} should be set`);
	}
	return problems;
}

/** Returns the contradictions between the node and its list of peers. */
function clusterMismatches({ node, roles, peers, etcd, clusterSecret, databaseUrl }: Config): string[] {
	// The nodes in etcd are not known yet.
	if (etcd === undefined || etcd.length > 0) return [];
	if (peers === undefined || peers.length === 0) {
		if (roles === undefined || roles.length === ROLES.length) return [];
		return [
			`${variableOf('roles')} leaves roles to other nodes, so ${variableOf('peers')} should name them, or ${variableOf('etcd')} should be set`,
		];
	}
	const problems: string[] = [];
	if (clusterSecret === '') problems.push(`${variableOf('clusterSecret')} should be set with ${variableOf('peers')}`);
	const likes = peers.filter((peer) => peer.roles.includes('likes')).map((peer) => peer.node);
	if (likes.length > 1 && likes.includes(node) && databaseUrl === '') {
		const names = likes.join(' and ');
		const reason = `a SQLite database belongs to one node; ${variableOf('databaseUrl')} names one for several`;
		problems.push(`${variableOf('peers')} gives likes to ${names}, and ${reason}`);
	}
	const self = peers.find((peer) => peer.node === node);
	if (self === undefined) problems.push(`${variableOf('peers')} should name this node, ${node}, too`);
	if (self !== undefined && roles !== undefined && [...self.roles].sort().join() !== [...roles].sort().join()) {
		problems.push(`${variableOf('peers')} gives ${node} the roles ${self.roles.join('+')}, not ${roles.join('+')}`);
	}
	return problems;
}

/** Returns the contradictions between the region and the list of regions. */
function regionMismatches({ region, regions, clusterSecret }: Config): string[] {
	if (regions === undefined || regions.length === 0) return [];
	const problems: string[] = [];
	if (clusterSecret === '') problems.push(`${variableOf('clusterSecret')} should be set with ${variableOf('regions')}`);
	if (regions.some((other) => other.region === region)) {
		problems.push(`${variableOf('regions')} should name the other regions, and ${region} is this node's own`);
	}
	return problems;
}

/** Returns the problems of the settings for etcd. */
function etcdMismatches(config: Config): string[] {
	const { etcd, peers, clusterSecret, etcdCa, etcdCert, etcdKey, etcdUser, etcdPassword, advertise } = config;
	if (etcd === undefined) return [];
	if (etcd.length === 0) {
		const useless = (['etcdCa', 'etcdCert', 'etcdKey', 'etcdUser', 'etcdPassword', 'advertise'] as const).filter(
			(name) => config[name],
		);
		return useless.map((name) => `${variableOf(name)} requires ${variableOf('etcd')}`);
	}
	const problems: string[] = [];
	if (peers !== undefined && peers.length > 0) {
		problems.push(`${variableOf('etcd')} and ${variableOf('peers')} both name the nodes; set one of them`);
	}
	if (clusterSecret === '') problems.push(`${variableOf('clusterSecret')} should be set with ${variableOf('etcd')}`);
	if ((etcdCert === '') !== (etcdKey === '')) {
		problems.push(`${variableOf('etcdCert')} and ${variableOf('etcdKey')} should come together`);
	}
	if (etcd[0]?.startsWith('http:') && (etcdCa || etcdCert)) {
		problems.push(`${variableOf('etcd')} should be https with ${variableOf(etcdCa ? 'etcdCa' : 'etcdCert')}`);
	}
	if ((etcdUser === '') !== (etcdPassword === '')) {
		problems.push(`${variableOf('etcdUser')} and ${variableOf('etcdPassword')} should come together`);
	}
	const host = config.internalHost || config.host;
	if (advertise === '' && WILDCARD_HOSTS.includes(host)) {
		problems.push(
			`${variableOf('advertise')} should name the address of this node for others: ${host} is not an address to connect to`,
		);
	}
	return problems;
}
