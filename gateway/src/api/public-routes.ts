import type { Identify } from '../auth/authenticate.ts';
import type { Membership } from '../cluster/membership/membership.ts';
import type { PeerStatus } from '../cluster/membership/peer-state.ts';
import { withSpareLikes } from '../cluster/routing/other-likes-nodes.ts';
import type { PresenceLookup } from '../cluster/routing/presence-lookup.ts';
import type { Forward } from '../cluster/routing/request-forwarding.ts';
import { frontendOf } from '../frontend/connections/connection-id.ts';
import type { Frontend } from '../frontend/frontend.ts';
import type { Rejections } from '../http/rejections.ts';
import type { Request } from '../http/request.ts';
import type { Route } from '../http/router.ts';
import type { Ingest } from '../ingest/ingest.ts';
import { ALL_HERE, type WriteRouting } from '../regions/write-routing.ts';
import type { Operations } from '../socket/socket-operations.ts';
import { spreadHash } from '../state/hash.ts';
import { routesFromWorkers, routesToWorkers, type WorkerForwarding } from './main-routes.ts';
import { presenceRoutes } from './presence-routes.ts';
import { connectionNotFound, FRONTEND_ROUTES, frontendRoutes, pollIn } from './stream-routes.ts';
import { FROM_REGIONS, isFromRegions, WRITER_ROUTES, writerRoutes } from './write-routes.ts';

/** The tiers of this node; undefined without the role. */
export interface Tiers {
	readonly ingest: Ingest | undefined;
	readonly frontend: Frontend | undefined;
}

export interface PublicRoutesOptions extends Tiers {
	/** The name of this node. */
	readonly node: string;
	readonly membership: Membership;
	readonly forward: Forward;
	readonly identify: Identify;
	/** Returns the caller of a request that another node forwarded. */
	readonly identifyForwarded: Identify;
	/** Forwards requests of other regions to nodes of this region. */
	readonly forwardFromRegion: Forward;
	readonly writeRouting: WriteRouting;
	readonly viewersOf: (video: string) => Promise<number | undefined>;
	readonly presenceLookup: PresenceLookup;
	readonly rejections: Rejections;
	readonly streamGzip: boolean;
	/** The ways to the workers with the viewers of this node; undefined when this process has them. */
	readonly workerForwarding: WorkerForwarding | undefined;
	/** The operations of clients of sockets, which equal their requests. */
	readonly operations: Operations;
}

/** The routes for viewers. */
export interface PublicRoutes {
	/** All routes: this node serves each, or forwards it to a node with the role. */
	readonly all: readonly Route[];
	/** The routes that this node serves itself, for requests that other nodes forward. */
	readonly forwarded: readonly Route[];
	/** The routes for writes that other regions forward to this one. */
	readonly fromRegions: readonly Route[];
	/** The routes for requests that workers of this node forward; none without workers. */
	readonly fromWorkers: readonly Route[];
}

/**
 * The order in which nodes are tried. A node without the role dispatcher pings no frontend: each is
 * unknown until it sends.
 */
const RANK: Readonly<Record<PeerStatus, number>> = { alive: 0, unknown: 0, suspect: 1, out: 2, leaving: 3 };

/** Returns the public routes for the roles of this node. */
export function createPublicRoutes(options: PublicRoutesOptions): PublicRoutes {
	const { node, ingest, frontend, membership, forward, viewersOf, writeRouting, operations } = options;

	/** Returns the frontend of a connection, the only node that a request for it may go to. */
	function frontendNamedBy(connection: string): string[] {
		const owner = frontendOf(connection);
		if (membership.peer(owner)?.roles.includes('frontend')) return [owner];
		throw connectionNotFound();
	}

	/**
	 * Returns nodes of the same role, with those last that may not answer. By default each is first with
	 * the same probability; `placeOf` returns another place, from 0 to 1.
	 */
	function inTurn(nodes: Iterable<string>, placeOf: (name: string) => number = Math.random): string[] {
		const ranked = [...nodes].map((name) => {
			const status = membership.statusOf(name) ?? 'unknown';
			return { name, rank: RANK[status] + placeOf(name) };
		});
		return ranked.sort((a, b) => a.rank - b.rank).map(({ name }) => name);
	}

	const someFrontends = () => inTurn(membership.view.frontends);
	/** Returns frontends in the same order at every node, so that a polling viewer counts once. */
	const frontendsFor = (poll: string) =>
		inTurn(membership.view.frontends, (name) => spreadHash(`${name} ${poll}`) / 2 ** 32);
	const pollFrontends = ({ query }: Request) => {
		const poll = pollIn(query);
		return poll === undefined ? someFrontends() : frontendsFor(poll);
	};
	const someLikes = () => inTurn(membership.view.likes);
	const otherLikes = () => {
		const { likes, goneLikes } = membership.view;
		return inTurn(likes.filter((name) => name !== node && !goneLikes.includes(name)));
	};

	/**
	 * Returns the routes that write and read here, or, with `onward`, at another Likes node while the
	 * store of this one fails.
	 */
	function writes({ ingest, identify, onward }: { ingest: Ingest; identify: Identify; onward: Forward | undefined }) {
		const routes = writerRoutes({ ...ingest, viewersOf, identify, writeRouting });
		if (onward === undefined) return routes;
		const spare = { storeWorks: () => ingest.healthy, others: otherLikes, send: onward.send };
		return routes.map((route) => withSpareLikes(route, spare));
	}

	/**
	 * Returns the routes of the roles of this node. They do not forward a request that another node
	 * forwarded.
	 */
	function own(identify: Identify, mayForward: boolean): Route[] {
		return [
			...(ingest === undefined ? [] : writes({ ingest, identify, onward: mayForward ? forward : undefined })),
			...(frontend === undefined
				? []
				: frontendRoutes({
						isOwn: (connection) => ['', node].includes(frontendOf(connection)),
						frontend,
						operations,
						identify,
						rejections: options.rejections,
						streamGzip: options.streamGzip,
						forwarded: !mayForward,
						async forward(request, body) {
							const connection = mayForward ? (request.parameters[0] ?? '') : '';
							return forward.send(request, body, frontendNamedBy(connection));
						},
						async forwardPoll(request, poll) {
							const [home = node] = mayForward ? frontendsFor(poll) : [node];
							if (home === node) return undefined;
							const answer = await forward.send(request, new Uint8Array(), [home]);
							return answer.status === 503 ? undefined : answer;
						},
					})),
		];
	}

	/** Returns the routes that only other nodes serve. */
	function others(): Route[] {
		const routes: Route[] = [];
		if (ingest === undefined) {
			for (const name of WRITER_ROUTES) routes.push(forward.route(name, someLikes));
		}
		if (frontend === undefined) {
			routes.push(
				forward.route(FRONTEND_ROUTES.stream, someFrontends),
				forward.route(FRONTEND_ROUTES.poll, pollFrontends),
				forward.route(FRONTEND_ROUTES.socket, someFrontends),
				...[FRONTEND_ROUTES.change, FRONTEND_ROUTES.end, FRONTEND_ROUTES.alive].map((name) =>
					forward.route(name, ({ parameters }) => frontendNamedBy(parameters[0] ?? '')),
				),
			);
		}
		return routes;
	}

	function fromRegions(): Route[] {
		if (ingest === undefined) return FROM_REGIONS.map((name) => options.forwardFromRegion.route(name, someLikes));
		const identify = options.identifyForwarded;
		return writerRoutes({ ...ingest, viewersOf, identify, writeRouting: ALL_HERE }).filter(isFromRegions);
	}

	function fromWorkers({ toNodes, ...ways }: WorkerForwarding): Route[] {
		const identify = options.identifyForwarded;
		return [
			...(ingest === undefined
				? WRITER_ROUTES.map((name) => toNodes.route(name, someLikes))
				: writes({ ingest, identify, onward: toNodes })),
			...routesFromWorkers({ ...ways, toNodes, node, frontendsFor, frontendNamedBy }),
		];
	}

	const { identify, presenceLookup, workerForwarding } = options;
	const all = [...own(identify, true), ...others(), ...presenceRoutes(identify, presenceLookup)];
	operations.use(all);
	return {
		all,
		forwarded: [
			...own(options.identifyForwarded, false),
			...(workerForwarding ? routesToWorkers(workerForwarding) : []),
		],
		fromRegions: fromRegions(),
		fromWorkers: workerForwarding ? fromWorkers(workerForwarding) : [],
	};
}
