import { z } from 'zod';
import { parseApiKeys } from '../auth/api-keys.ts';
import { parsePeers, parseRoles } from '../cluster/membership/peer.ts';
import { parseRegions } from './parse-regions.ts';
import {
	databaseUrl,
	endpoints,
	headerSecret,
	hostAndPort,
	hostNames,
	id,
	keyPrefix,
	number,
	origins,
	reactions,
	secret,
} from './schemas.ts';

/** One thing that can be set: as an environment variable `LIKEWIRE_NAME` or a flag `--name`. */
interface Setting {
	/** What it is, with its unit, for `--help`. */
	readonly help: string;
	/** The text it has when nobody sets it. */
	readonly default: string;
	/** Turns the text into its value, or says what it should be. */
	readonly schema: z.ZodType<unknown, string>;
}

const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** Everything that can be set, each by its name in `Config`. */
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
		help: 'directory of the SQLite database, made when missing',
		default: './data',
		schema: z.string().min(1, 'should name a directory'),
	},
	databaseUrl: {
		help: 'PostgreSQL that the Likes nodes of a region share, as postgres://user:password@host/database; SQLite when not set',
		default: '',
		schema: databaseUrl,
	},
	databasePool: { help: 'most connections of this node to PostgreSQL', default: '4', schema: number(1, 100) },
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
	etcd: {
		help: 'endpoints of an etcd that knows the nodes, instead of peers, with commas between: http://10.0.0.1:2379',
		default: '',
		schema: endpoints,
	},
	etcdPrefix: { help: 'beginning of the keys of this cluster in etcd', default: '/likewire/', schema: keyPrefix },
	etcdTtl: {
		help: 'seconds after which etcd forgets a node that it does not hear',
		default: '10',
		schema: number(5, 600),
	},
	etcdCa: { help: 'file with the certificates that sign those of etcd', default: '', schema: z.string() },
	etcdCert: { help: 'file with the certificate that this node shows etcd', default: '', schema: z.string() },
	etcdKey: { help: 'file with the key of that certificate', default: '', schema: z.string() },
	etcdUser: { help: 'user of this node in etcd, if it has users', default: '', schema: z.string() },
	etcdPassword: { help: 'password of that user', default: '', schema: z.string() },
	advertise: {
		help: 'host:port where other nodes reach the internal port of this one; with etcd, when it is not as it listens',
		default: '',
		schema: hostAndPort,
	},
	regions: {
		help: "the other regions, with commas between, as 'region=host:port+host:port' with internal ports of dispatchers",
		default: '',
		schema: z.string().transform(parseRegions),
	},
	clusterSecret: {
		help: 'what nodes show each other, at least 16 characters; needed with peers, etcd or regions',
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
		help: 'origins of the pages that may use it, with commas between: https://*.example.com; any when not set, without --jwt-secret those of loopback and of apps',
		default: '',
		schema: origins,
	},
	trustedHosts: {
		help: 'names, with commas between, by which the internal port may be called, beside localhost and addresses; without --jwt-secret also the other port, and by a proxy',
		default: '',
		schema: hostNames,
	},
	maxConnections: {
		help: 'most connections of clients, streams among them; 0 for what the descriptor limit leaves room for',
		default: '0',
		schema: number(0, 1_000_000),
	},
	windowMs: {
		help: 'milliseconds in which a viewer gets at most one frame of a video',
		default: '50',
		schema: number(1, 10_000),
	},
	commentsPerSecond: {
		help: 'most comments a second that the viewers of a video are pushed, a fair choice of them all; 0 for no limit',
		default: '0',
		schema: number(0, 10_000),
	},
	commitWindowMs: {
		help: 'milliseconds in which likes gather for one transaction',
		default: '5',
		schema: number(0, 1_000),
	},
	retentionDays: {
		help: 'days after its end in which the single likes of a video are kept, at least 2; 0 keeps them; totals and comments stay',
		default: '0',
		// Clients send a like again for a day, and its id has to be known then.
		schema: number(0, 36_500).refine(
			(days) => days !== 1,
			'should be 0 or at least 2: clients send a like again for a day',
		),
	},
	heartbeatMs: {
		help: 'milliseconds of silence on a stream before a heartbeat',
		default: '15000',
		schema: number(1_000, 600_000),
	},
	pollMs: {
		help: 'milliseconds after which a client without a stream polls again; it counts as a viewer for twice as long',
		default: '5000',
		schema: number(500, 600_000),
	},
	presenceMs: {
		help: 'milliseconds after which it is said again that somebody is there',
		default: '30000',
		schema: number(200, 600_000),
	},
	presenceGraceMs: {
		help: 'milliseconds by which that may be late; after twice as many more somebody is offline',
		default: '5000',
		schema: number(50, 60_000),
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
	drainMinMs: {
		help: 'milliseconds for which a node that stops still serves, not ready, until load balancers have seen that',
		default: '3000',
		schema: number(0, 20_000),
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
