import { z } from 'zod';
import { parseApiKeys } from '../auth/api-keys.ts';
import { parsePeers, parseRoles } from '../cluster/membership/peer.ts';
import { parseRegions } from './parse-regions.ts';
import {
	databaseUrl,
	endpoints,
	frameAncestors,
	headerSecret,
	hostAndPort,
	hostNames,
	id,
	keyPrefix,
	number,
	onOrOff,
	origins,
	reactions,
	secret,
	workers,
} from './schemas.ts';

/** A setting: an environment variable `LIKEWIRE_NAME` or a flag `--name`. */
interface Setting {
	/** The description for `--help`, with the unit. */
	readonly help: string;
	/** The default, as text. */
	readonly default: string;
	/** Parses the text; its issues say what the text should be. */
	readonly schema: z.ZodType<unknown, string>;
}

const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** All settings by name. */
export const SETTINGS = {
	host: {
		help: 'address for viewers; without --jwt-secret only a loopback address',
		default: '127.0.0.1',
		schema: z.string().min(1, 'should name an address'),
	},
	port: { help: 'port for viewers; 0 uses a free port', default: '8080', schema: number(0, 65_535) },
	internalPort: {
		help: 'port for health, readiness and cluster; 0 uses a free port',
		default: '8081',
		schema: number(0, 65_535),
	},
	internalHost: {
		help: 'address of the internal port; by default that of --host in a cluster, otherwise loopback',
		default: '',
		schema: z.string(),
	},
	dataDir: {
		help: 'directory of the SQLite database, created when it is missing',
		default: './data',
		schema: z.string().min(1, 'should name a directory'),
	},
	databaseUrl: {
		help: 'PostgreSQL of the Likes nodes of a region, as postgres://user:password@host/database; SQLite by default',
		default: '',
		schema: databaseUrl,
	},
	databasePool: { help: 'most connections of this node to PostgreSQL', default: '4', schema: number(1, 100) },
	workers: {
		help: "processes that serve the viewers of this node on one port: a number, or 'auto' for one for each core",
		default: '1',
		schema: workers,
	},
	node: { help: 'name of this node', default: 'node-1', schema: id },
	region: { help: 'region of this node', default: 'local', schema: id },
	roles: {
		help: 'roles of this node, with commas between: likes, dispatcher, frontend',
		default: 'likes,dispatcher,frontend',
		schema: z.string().transform(parseRoles),
	},
	peers: {
		help: "all nodes, with commas between, as 'id=role+role@host:port' with their internal ports",
		default: '',
		schema: z.string().transform(parsePeers),
	},
	etcd: {
		help: 'endpoints of an etcd with the list of nodes, in place of peers, with commas between: http://10.0.0.1:2379',
		default: '',
		schema: endpoints,
	},
	etcdPrefix: { help: 'prefix of the keys of this cluster in etcd', default: '/likewire/', schema: keyPrefix },
	etcdTtl: {
		help: 'seconds after which etcd forgets a node that sends nothing',
		default: '10',
		schema: number(5, 600),
	},
	etcdCa: { help: 'file with the certificates of the authority of etcd', default: '', schema: z.string() },
	etcdCert: { help: 'file with the certificate of this node for etcd', default: '', schema: z.string() },
	etcdKey: { help: 'file with the key of that certificate', default: '', schema: z.string() },
	etcdUser: { help: 'user of this node in etcd, if etcd has users', default: '', schema: z.string() },
	etcdPassword: { help: 'password of that user', default: '', schema: z.string() },
	advertise: {
		help: 'host:port of the internal port for other nodes; with etcd, when it differs from the address of the listener',
		default: '',
		schema: hostAndPort,
	},
	regions: {
		help: "other regions, with commas between, as 'region=host:port+host:port' with the internal ports of dispatchers",
		default: '',
		schema: z.string().transform(parseRegions),
	},
	clusterSecret: {
		help: 'secret between nodes, at least 16 characters; required with peers, etcd or regions',
		default: '',
		schema: headerSecret,
	},
	jwtSecret: {
		help: 'secret of the HS256 tokens of viewers, at least 32 characters; without it the gateway authenticates no caller',
		default: '',
		schema: secret(32),
	},
	apiKeys: {
		help: "keys of servers, with commas between, as 'name:key' with at least 16 characters in a key",
		default: '',
		schema: z.string().transform(parseApiKeys),
	},
	reactions: {
		help: "reactions of viewers; 'type:once' counts one for each user and video",
		default: 'heart,like,clap,laugh,wow',
		schema: reactions,
	},
	allowedOrigins: {
		help: 'origins of pages, with commas between: https://*.example.com; any by default, without --jwt-secret those of loopback and of apps',
		default: '',
		schema: origins,
	},
	frameAncestors: {
		help: "origins of pages that may frame /embed, with commas between: https://*.example.com; '*' for any; the gateway's own always, without --jwt-secret also those of loopback",
		default: '',
		schema: frameAncestors,
	},
	trustedHosts: {
		help: 'host names of the internal port, with commas between, beside localhost and addresses; without --jwt-secret also of the other port, and of a proxy',
		default: '',
		schema: hostNames,
	},
	maxConnections: {
		help: 'most connections of clients, including streams; 0 for as many as the descriptor limit allows',
		default: '0',
		schema: number(0, 1_000_000),
	},
	windowMs: {
		help: 'milliseconds in which a viewer gets at most one frame of a video',
		default: '50',
		schema: number(1, 10_000),
	},
	commentsPerSecond: {
		help: 'most comments per second for the viewers of a video, a fair sample of all; 0 for no limit',
		default: '0',
		schema: number(0, 10_000),
	},
	commitWindowMs: {
		help: 'milliseconds in which likes gather for one transaction',
		default: '5',
		schema: number(0, 1_000),
	},
	retentionDays: {
		help: 'days after the end of a video until its single likes are deleted, at least 2; 0 for never; totals and comments stay',
		default: '0',
		// Clients retry a like for a day, and the store must know its id until then.
		schema: number(0, 36_500).refine((days) => days !== 1, 'should be 0 or at least 2: clients retry a like for a day'),
	},
	streamGzip: {
		help: "whether streams are compressed for clients that accept gzip: 'on' or 'off'",
		default: 'on',
		schema: onOrOff,
	},
	heartbeatMs: {
		help: 'milliseconds of silence on a stream before a heartbeat',
		default: '15000',
		schema: number(1_000, 600_000),
	},
	pollMs: {
		help: 'milliseconds between two polls of a client without a stream; it counts as a viewer for twice as long',
		default: '5000',
		schema: number(500, 600_000),
	},
	presenceMs: {
		help: 'milliseconds between two heartbeats of a user',
		default: '30000',
		schema: number(200, 600_000),
	},
	presenceGraceMs: {
		help: 'milliseconds by which a heartbeat may be late; a user is offline after --presence-ms and twice this',
		default: '5000',
		schema: number(50, 60_000),
	},
	blockedTimeoutMs: {
		help: 'milliseconds before the stream of a blocked viewer ends',
		default: '30000',
		schema: number(1_000, 600_000),
	},
	maxLifetimeMs: {
		help: 'milliseconds before a stream must reconnect, plus or minus a fifth',
		default: '1800000',
		schema: number(10_000, 86_400_000),
	},
	retryMs: {
		help: 'milliseconds, on average, before a viewer reconnects',
		default: '2000',
		schema: number(100, 60_000),
	},
	peerWindowMs: {
		help: 'milliseconds in which another node gets at most one batch',
		default: '10',
		schema: number(1, 1_000),
	},
	drainMinMs: {
		help: 'milliseconds for which a node that stops still serves, not ready, until load balancers notice it',
		default: '3000',
		schema: number(0, 20_000),
	},
	drainMs: {
		help: 'milliseconds over which a stop spreads the end of many streams',
		default: '10000',
		schema: number(0, 20_000),
	},
	staticDir: {
		help: "directory of files to serve in place of the demo, 'none' for none; the SDK and /embed are served in any case",
		default: '',
		schema: z.string(),
	},
	logLevel: {
		help: `least level of log lines: ${LEVELS.join(', ')}`,
		default: 'info',
		schema: z.enum(LEVELS, `should be one of ${LEVELS.join(', ')}`),
	},
} as const satisfies Record<string, Setting>;
