import { z } from 'zod';
import { parsePeers, parseRoles, ROLES } from './cluster/peers.ts';
import { parseApiKeys } from './http/api-keys.ts';
import { headerSecret, id, number, origins, reactions, secret } from './setting-schemas.ts';

/** One thing that can be set: as an environment variable `LIKEWIRE_NAME` or a flag `--name`. */
interface Setting {
	/** What it is, with its unit, for `--help`. */
	readonly help: string;
	/** The text it has when nobody sets it. */
	readonly default: string;
	/** Turns the text into its value, or says what it should be. */
	readonly schema: z.ZodType<unknown, string>;
}

const LOOPBACK = ['127.0.0.1', '::1', 'localhost'];

const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** Everything that can be set. */
export const SETTINGS = {
	host: {
		help: 'address to listen on; without --jwt-secret only one of loopback',
		default: '127.0.0.1',
		schema: z.string().min(1, 'should name an address'),
	},
	port: { help: 'port for viewers; 0 takes a free one', default: '8080', schema: number(0, 65_535) },
	internalPort: {
		help: 'port for health, readiness and cluster; 0 takes a free one',
		default: '8081',
		schema: number(0, 65_535),
	},
	internalHost: {
		help: 'address of the internal port; in a cluster that of --host, else one of loopback',
		default: '',
		schema: z.string(),
	},
	dataDir: {
		help: 'directory of the database, made when missing',
		default: './data',
		schema: z.string().min(1, 'should name a directory'),
	},
	node: { help: 'name of this node', default: 'node-1', schema: id },
	region: { help: 'region of this node', default: 'local', schema: id },
	roles: {
		help: 'what this node does, with commas between: likes, dispatcher, frontend',
		default: 'likes,dispatcher,frontend',
		schema: z.string().transform(parseRoles),
	},
	peers: {
		help: "all nodes, with commas between, as 'id=role+role@host:port' with the internal port of each",
		default: '',
		schema: z.string().transform(parsePeers),
	},
	clusterSecret: {
		help: 'what nodes show each other, at least 16 characters; needed with peers',
		default: '',
		schema: headerSecret,
	},
	jwtSecret: {
		help: 'secret of the HS256 tokens of viewers, at least 32 characters; without one there is no authentication',
		default: '',
		schema: secret(32),
	},
	apiKeys: {
		help: "keys of servers, with commas between, as 'name:key' with at least 16 characters in a key",
		default: '',
		schema: z.string().transform(parseApiKeys),
	},
	reactions: {
		help: "reactions that viewers may give; 'type:once' counts one for each user and video",
		default: 'heart,like,clap,laugh,wow',
		schema: reactions,
	},
	allowedOrigins: {
		help: 'origins of the pages that may use it, with commas between; * for any',
		default: '*',
		schema: origins,
	},
	windowMs: {
		help: 'milliseconds in which a viewer gets at most one frame of a video',
		default: '50',
		schema: number(1, 10_000),
	},
	commitWindowMs: {
		help: 'milliseconds in which likes gather for one transaction',
		default: '5',
		schema: number(0, 1_000),
	},
	heartbeatMs: {
		help: 'milliseconds of silence on a stream before a heartbeat',
		default: '15000',
		schema: number(1_000, 600_000),
	},
	blockedTimeoutMs: {
		help: 'milliseconds before a viewer who reads nothing is cut off',
		default: '30000',
		schema: number(1_000, 600_000),
	},
	maxLifetimeMs: {
		help: 'milliseconds before a stream is asked to reconnect, give or take a fifth',
		default: '1800000',
		schema: number(10_000, 86_400_000),
	},
	retryMs: {
		help: 'milliseconds, on average, before a viewer comes back',
		default: '2000',
		schema: number(100, 60_000),
	},
	peerWindowMs: {
		help: 'milliseconds in which another node gets at most one batch',
		default: '10',
		schema: number(1, 1_000),
	},
	drainMs: {
		help: 'milliseconds over which a stop spreads the end of many streams',
		default: '10000',
		schema: number(0, 20_000),
	},
	staticDir: {
		help: "directory of files to serve; the demo when not set, 'none' for nothing",
		default: '',
		schema: z.string(),
	},
	logLevel: {
		help: `what is logged: ${LEVELS.join(', ')}`,
		default: 'info',
		schema: z.enum(LEVELS, `should be one of ${LEVELS.join(', ')}`),
	},
} as const satisfies Record<string, Setting>;

/** The name of a setting, as in {@link Config}. */
export type SettingName = keyof typeof SETTINGS;

/** The settings of a gateway, each with its value. */
export type Config = Readonly<{ [Key in SettingName]: z.output<(typeof SETTINGS)[Key]['schema']> }>;

/** All that is wrong with a configuration, a line each. */
export class ConfigError extends Error {
	override name = 'ConfigError';
	readonly problems: readonly string[];

	constructor(problems: readonly string[]) {
		super(problems.join('\n'));
		this.problems = problems;
	}
}

const PREFIX = 'LIKEWIRE_';

/** The environment variable of a setting: `LIKEWIRE_DATA_DIR` for `dataDir`. */
export function variableOf(name: string): string {
	return PREFIX + words(name).join('_').toUpperCase();
}

/** The flag of a setting, without the dashes: `data-dir` for `dataDir`. */
export function flagOf(name: string): string {
	return words(name).join('-');
}

/** The words of a camel-case name, in lower case. */
function words(name: string): string[] {
	return name.split(/(?=[A-Z])/).map((word) => word.toLowerCase());
}

/** Values of flags by the name of their setting. */
export type Flags = Readonly<Partial<Record<SettingName, string>>>;

/**
 * The configuration that an environment and flags make; a flag wins over its variable. Pure. Throws a
 * {@link ConfigError} that names every problem at once, unknown `LIKEWIRE_` variables among them.
 *
 * @param known problems that were found before, in the flags.
 */
export function parseConfig(
	env: Readonly<Record<string, string | undefined>>,
	flags: Flags = {},
	known: readonly string[] = [],
): Config {
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

/** The address of the internal port: what nodes of a cluster tell each other there is not for everybody. */
export function internalHostOf({ host, internalHost, peers }: Config): string {
	if (internalHost !== '') return internalHost;
	return peers.length > 0 || LOOPBACK.includes(host) ? host : '127.0.0.1';
}

function unknownVariables(env: Readonly<Record<string, string | undefined>>): string[] {
	const known = new Set(Object.keys(SETTINGS).map(variableOf));
	return Object.keys(env)
		.filter((variable) => variable.startsWith(PREFIX) && !known.has(variable))
		.map((variable) => `${variable} is not a setting; 'likewire --help' lists them`);
}

/** Values that are fine alone and not together. One that could not be parsed compares as false. */
function mismatches(config: Config): string[] {
	const { port, internalPort, heartbeatMs, maxLifetimeMs, blockedTimeoutMs, windowMs } = config;
	const pairs: [boolean, keyof Config, string, keyof Config][] = [
		[port !== 0 && port === internalPort, 'port', 'differ from', 'internalPort'],
		[maxLifetimeMs <= heartbeatMs, 'maxLifetimeMs', 'be longer than', 'heartbeatMs'],
		[blockedTimeoutMs <= windowMs, 'blockedTimeoutMs', 'be longer than', 'windowMs'],
	];
	return [
		...pairs
			.filter(([wrong]) => wrong)
			.map(([, one, should, other]) => `${variableOf(one)} should ${should} ${variableOf(other)}`),
		...(config.apiKeys?.size > 0 && config.jwtSecret === ''
			? [`${variableOf('apiKeys')} should come with ${variableOf('jwtSecret')}: without it nobody has to show anything`]
			: []),
		...openDoors(config),
		...clusterMismatches(config),
	];
}

/** What strangers could reach without showing who they are. */
function openDoors({ host, internalHost, jwtSecret, clusterSecret }: Config): string[] {
	const problems: string[] = [];
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

/** A node and its cluster should agree on what it is. */
function clusterMismatches({ node, roles, peers, clusterSecret }: Config): string[] {
	if (peers === undefined || peers.length === 0) {
		if (roles === undefined || roles.length === ROLES.length) return [];
		return [`${variableOf('roles')} leaves roles to others, so ${variableOf('peers')} should name them`];
	}
	const problems: string[] = [];
	if (clusterSecret === '') problems.push(`${variableOf('clusterSecret')} should be set when there are peers`);
	const likes = peers.filter((peer) => peer.roles.includes('likes')).map((peer) => peer.node);
	if (likes.length > 1 && likes.includes(node)) {
		const names = likes.join(' and ');
		problems.push(`${variableOf('peers')} gives likes to ${names}, and a SQLite database belongs to one node`);
	}
	const self = peers.find((peer) => peer.node === node);
	if (self === undefined) problems.push(`${variableOf('peers')} should name this node, ${node}, too`);
	if (self !== undefined && roles !== undefined && [...self.roles].sort().join() !== [...roles].sort().join()) {
		problems.push(`${variableOf('peers')} gives ${node} the roles ${self.roles.join('+')}, not ${roles.join('+')}`);
	}
	return problems;
}
