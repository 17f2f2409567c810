import type { Totals } from '@likewire/protocol';
import type { PlantedLine } from '../../gateway/simulation/plant.ts';
import { Random } from '../../gateway/simulation/random.ts';
import { Ring } from '../../gateway/src/cluster/ring.ts';
import { videoTopic } from '../../gateway/src/delivery/topic.ts';
import { type LocalCluster, startCluster } from '../cluster/local-cluster.ts';
import type { LocalNode } from '../cluster/local-node.ts';
import { until } from '../cluster/until.ts';
import { Audience } from './audience.ts';
import { ClusterCounters } from './cluster-counters.ts';
import { LikeLoad } from './like-load.ts';
import { Links } from './links.ts';
import { readStore, type StoredVideos } from './store-audit.ts';
import type { Topology } from './topology.ts';
import { buildTrappedGateway, type Trap, type TrappedGateway } from './trapped-gateway.ts';

/** The first is the hottest. */
const VIDEOS = ['hot', ...Array.from({ length: 7 }, (_, index) => `video-${index + 1}`)];

/** Nodes are stopped often here. */
const FLAGS = ['--drain-ms', '1000', '--log-level', 'warn'];

/** A cluster that was disturbed has to be as before after so long, in milliseconds. */
const SETTLE_TIMEOUT_MS = 60_000;

export interface StageOptions {
	/** Decides whatever is drawn. */
	readonly seed: number;
	readonly viewers: number;
	readonly likesPerSecond: number;
	/** Mistakes that every node gets: the drill should find them. */
	readonly bugs?: readonly PlantedLine[];
}

/** Nodes that ended by themselves. */
interface Ends {
	/** Those that have a trap set, by name: their end is wanted. */
	readonly doomed: Set<string>;
	/** How the others ended. */
	readonly unexpected: string[];
}

/** What a stage is made of. */
interface Parts {
	readonly cluster: LocalCluster;
	readonly links: Links | undefined;
	readonly gateway: TrappedGateway | undefined;
	readonly ends: Ends;
	readonly random: Random;
}

/** A cluster under load, with an audience: what faults happen to. */
export class Stage {
	readonly cluster: LocalCluster;
	readonly audience: Audience;
	readonly load: LikeLoad;
	readonly counters: ClusterCounters;
	readonly random: Random;
	readonly videos: readonly string[] = VIDEOS;
	readonly #links: Links | undefined;
	readonly #gateway: TrappedGateway | undefined;
	readonly #ends: Ends;
	readonly #notes: string[] = [];

	private constructor(parts: Parts, { viewers, likesPerSecond }: StageOptions) {
		const { cluster, random } = parts;
		this.cluster = cluster;
		this.random = random;
		this.#links = parts.links;
		this.#gateway = parts.gateway;
		this.#ends = parts.ends;
		const draw = () => random.next();
		this.audience = new Audience({ viewers, videos: VIDEOS, urls: cluster.frontendUrls, random: draw });
		const urls = cluster.nodes.map(({ url }) => url);
		this.load = new LikeLoad({ urls, videos: VIDEOS, perSecond: likesPerSecond, random: draw });
		this.counters = new ClusterCounters(cluster.nodes);
	}

	/** Starts a cluster and an audience, and waits until everybody has a stream. Rejects, with nothing left, when it cannot. */
	static async open(topology: Topology, options: StageOptions): Promise<Stage> {
		const random = new Random(options.seed);
		const { bugs } = options;
		const gateway = topology.trapped || bugs ? await buildTrappedGateway(bugs) : undefined;
		const links = topology.proxied ? new Links(() => random.next()) : undefined;
		const ends: Ends = { doomed: new Set(), unexpected: [] };
		const cluster = await startCluster({
			likes: topology.likes,
			dispatchers: topology.dispatchers,
			frontends: topology.frontends,
			flags: FLAGS,
			...(gateway && {
				env: gateway.env,
				fileOf: ({ roles }) => (bugs || roles.includes('likes') ? gateway.file : undefined),
			}),
			...(links && { addressOf: (from, to) => links.addressOf(from, to) }),
			onUnexpectedEnd: ({ node, log }, { code, signal }) => {
				if (ends.doomed.delete(node)) return;
				ends.unexpected.push(`${node} ended by itself with ${signal ?? code}: ${log.slice(-500)}`);
			},
		}).catch((error: unknown) => {
			gateway?.remove();
			links?.close();
			throw error;
		});
		const stage = new Stage({ cluster, links, gateway, ends, random }, options);
		try {
			await stage.settled();
			return stage;
		} catch (error) {
			await stage.close();
			throw error;
		}
	}

	/** The video that everybody follows, and that gets half of all likes. */
	get hot(): string {
		return VIDEOS[0] ?? '';
	}

	/** The proxies between the nodes. Throws when the topology has none. */
	get links(): Links {
		if (this.#links === undefined) throw new Error('this topology has no proxies');
		return this.#links;
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
	set(trap: Trap): void {
		if (this.#gateway === undefined) throw new Error('this topology has no traps');
		this.#ends.doomed.add(this.likesNode.node);
		this.#gateway.set(trap);
	}

	/** What the store holds now. */
	store(): StoredVideos {
		return readStore(this.likesNode.dataDir, VIDEOS);
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
		return this.#ends.unexpected.splice(0);
	}

	/** Ends whatever goes on: links heal, what was stopped goes on, what was killed is started, slow viewers read. */
	async restore(): Promise<void> {
		this.#gateway?.clear();
		this.#ends.doomed.clear();
		this.#links?.heal();
		for (const node of this.cluster.nodes) if (node.paused) node.continue();
		for (const viewer of this.audience.viewers) if (viewer.paused) viewer.resume();
		await Promise.all(this.cluster.nodes.filter(({ running }) => !running).map((node) => node.start()));
	}

	/** Waits until the nodes agree on who is there, and everybody is back home and shows what is stored. Without load. */
	async settled(timeoutMs = SETTLE_TIMEOUT_MS): Promise<void> {
		await this.cluster.converged(timeoutMs);
		this.audience.goHome();
		const { totals } = this.store();
		await until(() => this.audience.astray(totals).length === 0, { what: 'viewers to agree', timeoutMs });
	}

	/** Viewers who read and do not show what is stored. */
	astray(totals: ReadonlyMap<string, Totals>): number {
		return this.audience.astray(totals).length;
	}

	/** Ends everything; may be called twice. */
	async close(): Promise<void> {
		this.load.close();
		this.audience.close();
		this.counters.close();
		// In no order: what is wrong is found by now.
		await Promise.all(this.cluster.nodes.map((node) => node.kill()));
		this.#links?.close();
		await this.cluster.stop();
		this.#gateway?.remove();
	}
}
