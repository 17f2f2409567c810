import { diffTotals } from '@likewire/protocol';
import type { Failpoint } from '../../../gateway/simulation/mutants/drill.ts';
import { Random } from '../../../gateway/simulation/random.ts';
import { Ring } from '../../../gateway/src/cluster/ring.ts';
import { videoTopic } from '../../../gateway/src/delivery/topic.ts';
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
import { type Heads, headsOf, Scripts } from '../viewers/comment-audit.ts';
import type { Clocks } from './clocks.ts';
import { type DrillContext, openContext } from './context.ts';
import type { Links } from './links.ts';
import type { Topology } from './topology.ts';

/** The first is the hottest. */
const VIDEOS = ['hot', ...Array.from({ length: 7 }, (_, index) => `video-${index + 1}`)];

/** A cluster that was disturbed has to be as before after so long, in milliseconds. */
const SETTLE_TIMEOUT_MS = 60_000;

export interface DrillClusterOptions {
	/** Decides whatever is drawn. */
	readonly seed: number;
	readonly viewers: number;
	readonly likesPerSecond: number;
	readonly commentsPerSecond: number;
	/** The mutant that is switched on in every node: the drill should find it. */
	readonly mutant?: string;
}

/** A cluster under load, with an audience: what faults happen to. */
export class DrillCluster {
	readonly audience: Audience;
	readonly load: Load;
	readonly counters: ClusterCounters;
	readonly random: Random;
	readonly videos: readonly string[] = VIDEOS;
	readonly #context: DrillContext;
	readonly #notes: string[] = [];
	/** How far the logs had come when what viewers were told was forgotten. */
	#heads: Heads = new Map();
	/** How far they are as they were, where a store was restored since. */
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

	/** Starts a cluster and an audience, and waits until everybody has a stream. Rejects, with nothing left, when it cannot. */
	static async open(topology: Topology, options: DrillClusterOptions): Promise<DrillCluster> {
		const random = new Random(options.seed);
		const context = await openContext(topology, { random: () => random.next(), mutant: options.mutant });
		const target = new DrillCluster(context, random, options);
		try {
			await target.settled();
			await target.#firstWords();
			return target;
		} catch (error) {
			await target.close();
			throw error;
		}
	}

	/** The video that everybody follows, and that gets half of all likes. */
	get hot(): string {
		return VIDEOS[0] ?? '';
	}

	/** The cluster; the first one where there are several regions. */
	get cluster(): LocalCluster {
		const [first] = this.#context.regions;
		if (first === undefined) throw new Error('there is no cluster');
		return first.cluster;
	}

	/** A region. Throws when there is none of this name. */
	region(name: string): LocalRegion {
		const found = this.#context.regions.find((region) => region.name === name);
		if (found === undefined) throw new Error(`there is no region ${name}`);
		return found;
	}

	/** The clocks of the regions. Throws when there are none. */
	get clocks(): Clocks {
		const { clocks } = this.#context;
		if (clocks === undefined) throw new Error('this topology has the clock of the machine');
		return clocks;
	}

	/** The proxies between the nodes. Throws when the topology has none. */
	get links(): Links {
		const { links } = this.#context;
		if (links === undefined) throw new Error('this topology has no proxies');
		return links;
	}

	/** The dispatcher that owns a video now, as the nodes see it. */
	async ownerOf(video: string): Promise<LocalNode> {
		const { members } = await this.cluster.cluster();
		const onRing = members.flatMap(({ node, incarnation = 0, share = 0 }) =>
			share > 0 ? [{ node, incarnation }] : [],
		);
		return this.cluster.node(new Ring(onRing).owner(videoTopic(video)) ?? '');
	}

	/** The Likes node; there is one. */
	get likesNode(): LocalNode {
		const [node] = this.cluster.likes;
		if (node === undefined) throw new Error('there is no Likes node');
		return node;
	}

	/** Makes the Likes node die at the next like that comes to this point. */
	set(failpoint: Failpoint): void {
		const { gateway, ends } = this.#context;
		if (gateway === undefined) throw new Error('this topology has no failpoints');
		ends.doomed.add(this.likesNode.node);
		gateway.set(failpoint);
	}

	/** What the stores hold now. Rejects while one of them is away. */
	async store(): Promise<StoredVideos> {
		const stores = this.#context.regions.map(({ postgres }) =>
			postgres ? readPostgres(postgres, VIDEOS) : readStore(this.likesNode.dataDir, VIDEOS),
		);
		return mergeStores(await Promise.all(stores));
	}

	/** What viewers should show and have been told, as the stores are now. Rejects while one of them is away. */
	async expected(): Promise<Expected> {
		const { totals, logs } = await this.store();
		return {
			totals,
			comments: new Scripts(logs, this.#heads, { kept: this.#kept, gone: this.load.comments.forgotten }),
		};
	}

	/** From now on it counts what viewers are told of comments; they were told all that is written. */
	async forgetTold(): Promise<void> {
		this.#heads = headsOf((await this.store()).logs);
		this.#kept = new Map();
		this.audience.forgetTold();
	}

	/** The store of a region is restored. Its logs go so far as they were: numbers behind that will be given again. */
	noteRestored(region: string, heads: Heads): void {
		const { regions } = this.#context;
		const kept = (video: string) =>
			regions.map(({ name }) => (name === region ? (heads.get(video)?.[0] ?? 0) : Number.POSITIVE_INFINITY));
		this.#kept = new Map(VIDEOS.map((video) => [video, kept(video)]));
	}

	/** A frontend of each region, to ask for what was said. */
	get historyUrls(): string[] {
		return this.#context.regions.map(({ cluster }) => this.random.pick(cluster.frontendUrls));
	}

	/** Something worth telling of the fault. */
	note(text: string): void {
		this.#notes.push(text);
	}

	takeNotes(): string[] {
		return this.#notes.splice(0);
	}

	/** Nodes that ended though nobody wanted them to, since it was asked last. */
	takeUnexpectedEnds(): string[] {
		return this.#context.ends.unexpected.splice(0);
	}

	/**
	 * Ends whatever goes on: links heal, clocks are right, what was stopped goes on, what was killed is started, slow viewers
	 * read.
	 */
	async restore(): Promise<void> {
		const { gateway, ends, links, clocks, regions, nodes } = this.#context;
		gateway?.clear();
		ends.doomed.clear();
		links?.heal();
		clocks?.restore();
		await Promise.all(regions.map(({ postgres }) => postgres?.server.start()));
		await Promise.all(regions.map(({ cluster }) => cluster.etcd?.restart()));
		for (const node of nodes) if (node.paused) node.continue();
		for (const viewer of this.audience.viewers) if (viewer.paused) viewer.resume();
		await Promise.all(nodes.filter(({ running }) => !running).map((node) => node.start()));
	}

	/** Waits until the nodes agree on who is there, and everybody is back home and shows what is stored. Without load. */
	async settled(timeoutMs = SETTLE_TIMEOUT_MS): Promise<void> {
		await Promise.all(this.#context.regions.map(({ cluster }) => cluster.converged(timeoutMs)));
		this.audience.goHome();
		const expected = await this.expected();
		await until(() => this.astray(expected) === 0, { what: 'viewers to agree', timeoutMs }).catch((error: unknown) => {
			throw new Error(`${this.audience.firstLack(expected)}`, { cause: error });
		});
		await until(() => this.#regionsKnowEachOther(), { what: 'regions to store the likes of each other', timeoutMs });
	}

	/**
	 * A comment on each video: whoever was told none has no cursor, and begins anew when its stream breaks, as somebody does
	 * who comes for the first time.
	 */
	async #firstWords(): Promise<void> {
		await Promise.all(VIDEOS.map((video) => this.load.comments.give(video)));
		const expected = await this.expected();
		await until(() => this.astray(expected) === 0, { what: 'the first comments', timeoutMs: SETTLE_TIMEOUT_MS });
	}

	/** Whether each store holds what every other one does: nothing to ask in a cluster alone. */
	async #regionsKnowEachOther(): Promise<boolean> {
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

	/** Viewers who read and do not show, or were not told, what is stored. */
	astray(expected: Expected): number {
		return this.audience.astray(expected).length;
	}

	/** Ends everything; may be called twice. */
	async close(): Promise<void> {
		this.load.close();
		this.audience.close();
		this.counters.close();
		// What is wrong is found by now.
		await this.#context.stop();
	}
}
