import { diffTotals } from '@likewire/protocol';
import { Random } from '../../../gateway/simulation/engine/random.ts';
import type { Failpoint } from '../../../gateway/simulation/mutants/drill.ts';
import { Ring } from '../../../gateway/src/cluster/membership/ring.ts';
import { videoTopic } from '../../../gateway/src/state/topics/topic.ts';
import type { LocalCluster } from '../../../local-cluster/nodes/local-cluster.ts';
import type { LocalNode } from '../../../local-cluster/nodes/local-node.ts';
import type { LocalRegion } from '../../../local-cluster/nodes/local-regions.ts';
import { until } from '../../../local-cluster/until.ts';
import { ClusterCounters } from '../audit/cluster-counters.ts';
import { readPostgres, readReplicas } from '../audit/postgres-audit.ts';
import { mergeStores, readStore, type StoredVideos } from '../audit/store-audit.ts';
import { CommentLoad } from '../load/comment-load.ts';
import { LikeLoad } from '../load/like-load.ts';
import { Load } from '../load/load.ts';
import { Audience, type Expected } from '../viewers/audience.ts';
import { ExpectedLogs, type Heads, headsOf } from '../viewers/comment-audit.ts';
import type { Clocks } from './clocks.ts';
import { type DrillContext, openContext } from './context.ts';
import type { Links } from './links.ts';
import type { Topology } from './topology.ts';

/** The first gets the most likes. */
const VIDEOS = ['hot', ...Array.from({ length: 7 }, (_, index) => `video-${index + 1}`)];

/** The time for a cluster to recover after a fault, in milliseconds. */
const SETTLE_TIMEOUT_MS = 60_000;

export interface DrillClusterOptions {
	/** The seed of all random choices. */
	readonly seed: number;
	readonly viewers: number;
	readonly likesPerSecond: number;
	readonly commentsPerSecond: number;
	/** The mutant that is active in every node; the drill must find it. */
	readonly mutant?: string;
}

/** A cluster under load, with an audience: the target of faults. */
export class DrillCluster {
	readonly audience: Audience;
	readonly load: Load;
	readonly counters: ClusterCounters;
	readonly random: Random;
	readonly videos: readonly string[] = VIDEOS;
	readonly #context: DrillContext;
	readonly #notes: string[] = [];
	/** The heads of the logs at the last `forgetReceived`. */
	#heads: Heads = new Map();
	/** The heads of the logs in the backup, for a store that was restored since then. */
	#kept: Heads = new Map();

	private constructor(
		context: DrillContext,
		random: Random,
		{ viewers, likesPerSecond, commentsPerSecond }: DrillClusterOptions,
	) {
		this.#context = context;
		this.random = random;
		const draw = () => random.next();
		const { nodes, regions } = context;
		const frontendUrls = regions.flatMap(({ cluster }) => cluster.frontendUrls);
		this.audience = new Audience({ viewers, videos: VIDEOS, urls: frontendUrls, random: draw });
		const ofAll = {
			urls: nodes.map(({ url }) => url),
			videos: VIDEOS,
			random: draw,
			...(regions.length > 1 && {
				regions: new Map(regions.flatMap(({ name, cluster }) => cluster.nodes.map(({ url }) => [url, name] as const))),
			}),
		};
		this.load = new Load(
			new LikeLoad({ ...ofAll, perSecond: likesPerSecond }),
			new CommentLoad({ ...ofAll, perSecond: commentsPerSecond }),
		);
		this.counters = new ClusterCounters(nodes);
	}

	/** Starts a cluster and an audience, and resolves when all viewers have a stream. When it fails it ends all, and rejects. */
	static async open(topology: Topology, options: DrillClusterOptions): Promise<DrillCluster> {
		const random = new Random(options.seed);
		const context = await openContext(topology, { random: () => random.next(), mutant: options.mutant });
		const target = new DrillCluster(context, random, options);
		try {
			await target.settled();
			await target.#sendFirstComments();
			return target;
		} catch (error) {
			await target.close();
			throw error;
		}
	}

	/** The video that all viewers follow, and that gets half of all likes. */
	get hot(): string {
		return VIDEOS[0] ?? '';
	}

	/** The cluster; with several regions, that of the first region. */
	get cluster(): LocalCluster {
		const [first] = this.#context.regions;
		if (first === undefined) throw new Error('the topology has no cluster');
		return first.cluster;
	}

	/** Returns a region by its name. Throws when no region has this name. */
	region(name: string): LocalRegion {
		const found = this.#context.regions.find((region) => region.name === name);
		if (found === undefined) throw new Error(`the topology has no region ${name}`);
		return found;
	}

	/** The clocks of the regions. Throws when the topology has none. */
	get clocks(): Clocks {
		const { clocks } = this.#context;
		if (clocks === undefined) throw new Error('this topology has no clocks');
		return clocks;
	}

	/** The proxies between the nodes. Throws when the topology has none. */
	get links(): Links {
		const { links } = this.#context;
		if (links === undefined) throw new Error('this topology has no proxies');
		return links;
	}

	/** Resolves with the dispatcher that owns a video, in the view of the nodes. */
	async ownerOf(video: string): Promise<LocalNode> {
		const { members } = await this.cluster.cluster();
		const onRing = members.flatMap(({ node, incarnation = 0, share = 0 }) =>
			share > 0 ? [{ node, incarnation }] : [],
		);
		return this.cluster.node(new Ring(onRing).owner(videoTopic(video)) ?? '');
	}

	/** The only Likes node. */
	get likesNode(): LocalNode {
		const [node] = this.cluster.likes;
		if (node === undefined) throw new Error('the topology has no Likes node');
		return node;
	}

	/** Makes the Likes node die when it next reaches a failpoint. */
	set(failpoint: Failpoint): void {
		const { gateway, ends } = this.#context;
		if (gateway === undefined) throw new Error('this topology has no failpoints');
		ends.expected.add(this.likesNode.node);
		gateway.set(failpoint);
	}

	/** Reads all stores. Rejects when one of them is down. */
	async store(): Promise<StoredVideos> {
		const stores = this.#context.regions.map(({ postgres }) =>
			postgres ? readPostgres(postgres, VIDEOS) : readStore(this.likesNode.dataDir, VIDEOS),
		);
		return mergeStores(await Promise.all(stores));
	}

	/** Reads from the stores what viewers should show and should have received. Rejects when a store is down. */
	async expected(): Promise<Expected> {
		const { totals, logs } = await this.store();
		return {
			totals,
			comments: new ExpectedLogs(logs, this.#heads, { kept: this.#kept, gone: this.load.comments.forgotten }),
		};
	}

	/** Starts the comparison of received comments here. Call it when viewers have received all comments. */
	async forgetReceived(): Promise<void> {
		this.#heads = headsOf((await this.store()).logs);
		this.#kept = new Map();
		this.audience.forgetReceived();
	}

	/** Records that the store of a region is restored to `heads`. It will assign the offsets after these heads again. */
	noteRestored(region: string, heads: Heads): void {
		const { regions } = this.#context;
		const kept = (video: string) =>
			regions.map(({ name }) => (name === region ? (heads.get(video)?.[0] ?? 0) : Number.POSITIVE_INFINITY));
		this.#kept = new Map(VIDEOS.map((video) => [video, kept(video)]));
	}

	/** The address of a frontend of each region, for reading histories. */
	get historyUrls(): string[] {
		return this.#context.regions.map(({ cluster }) => this.random.pick(cluster.frontendUrls));
	}

	/** Adds a remark to the report of the fault. */
	note(text: string): void {
		this.#notes.push(text);
	}

	takeNotes(): string[] {
		return this.#notes.splice(0);
	}

	/** Returns the unexpected ends of nodes since the last call. */
	takeUnexpectedEnds(): string[] {
		return this.#context.ends.unexpected.splice(0);
	}

	/**
	 * Ends the fault: heals links, resets clocks, continues paused processes, starts killed processes, and lets paused viewers
	 * read.
	 */
	async restore(): Promise<void> {
		const { gateway, ends, links, clocks, regions, nodes } = this.#context;
		gateway?.clear();
		ends.expected.clear();
		links?.heal();
		clocks?.restore();
		await Promise.all(regions.map(({ postgres }) => postgres?.server.start()));
		await Promise.all(regions.map(({ cluster }) => cluster.etcd?.restart()));
		for (const node of nodes) if (node.paused) node.continue();
		for (const viewer of this.audience.viewers) if (viewer.paused) viewer.resume();
		await Promise.all(nodes.filter(({ running }) => !running).map((node) => node.start()));
	}

	/** Resolves when the nodes agree on the members, and all viewers are home and show the stored state. Call it without load. */
	async settled(timeoutMs = SETTLE_TIMEOUT_MS): Promise<void> {
		await Promise.all(this.#context.regions.map(({ cluster }) => cluster.converged(timeoutMs)));
		this.audience.goHome();
		const expected = await this.expected();
		await until(() => this.astray(expected) === 0, { what: 'viewers to agree', timeoutMs }).catch((error: unknown) => {
			throw new Error(`${this.audience.firstMismatch(expected)}`, { cause: error });
		});
		await until(() => this.#regionsAgree(), { what: 'regions to store the likes of each other', timeoutMs });
	}

	/**
	 * Sends a comment on each video. A viewer that has received no comment has no cursor, so it could not resume when its
	 * stream breaks.
	 */
	async #sendFirstComments(): Promise<void> {
		await Promise.all(VIDEOS.map((video) => this.load.comments.sendOne(video)));
		const expected = await this.expected();
		await until(() => this.astray(expected) === 0, { what: 'the first comments', timeoutMs: SETTLE_TIMEOUT_MS });
	}

	/** Resolves with whether each store has the totals of all regions; true for one region. */
	async #regionsAgree(): Promise<boolean> {
		for (const { name, postgres } of this.#context.regions) {
			if (postgres === undefined) continue;
			const { totals } = await readPostgres(postgres, VIDEOS);
			for (const other of this.#context.regions) {
				if (other.postgres === undefined || other.name === name) continue;
				const known = await readReplicas(other.postgres, name, VIDEOS);
				for (const [video, own] of totals) {
					if (Object.keys(diffTotals(known.get(video) ?? {}, own)).length > 0) return false;
				}
			}
		}
		return true;
	}

	/** Counts the reading viewers that do not show the stored totals, or miss a comment. */
	astray(expected: Expected): number {
		return this.audience.astray(expected).length;
	}

	/** Ends the load, the audience and the cluster. A second call does nothing. */
	async close(): Promise<void> {
		this.load.close();
		this.audience.close();
		this.counters.close();
		await this.#context.stop();
	}
}
