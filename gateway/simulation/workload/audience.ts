import type { LikesEvent } from '@likewire/protocol';
import { Connection } from '../../src/frontend/connections/connection.ts';
import { videoTopic } from '../../src/state/topics/topic.ts';
import type { ClusterEnvironment } from '../node/cluster-environment.ts';
import type { Node } from '../node/node.ts';
import type { LogHistories } from '../store/log-history.ts';
import type { Likers } from './likers.ts';
import { LogReader } from './log-reader.ts';
import { Viewer } from './viewer.ts';

/** The longest time before a viewer that lost its connection comes back, in milliseconds. */
const BACKOFF_MS = 1_500;

/** The longest time before a viewer in haste comes back, in milliseconds. */
const HASTE_MS = 50;

/** The longest time between two actions of a viewer, in milliseconds. */
const ACTION_MS = 1_500;

/** A viewer, over all its connections. */
export interface AudienceMember {
	readonly videos: readonly string[];
	readonly reader: LogReader;
	readonly onFrontend: (frontend: Node) => void;
}

/** A viewer on one of its connections. */
export interface Session extends AudienceMember {
	readonly viewer: Viewer;
	readonly connection: Connection;
	readonly node: Node;
	readonly since: number;
	/** Since when the viewer reads; infinite while it does not. */
	readsSince: number;
}

export interface AudienceOptions {
	readonly environment: ClusterEnvironment;
	readonly likers: Likers;
	/** The logs that all stores wrote. */
	readonly logs: LogHistories;
	/** Called when a viewer receives a gap. */
	readonly onGap: (reason: string, at: Node) => void;
	/** Begins every message of a violation. */
	readonly label: string;
	/** Whether likes may be taken back. */
	readonly mayFall: boolean;
	/** Until then viewers block, leave and come back, in milliseconds. */
	readonly activeUntil: number;
}

/** All viewers: they block, leave, and come back, perhaps at another frontend. */
export class Audience {
	readonly sessions = new Set<Session>();
	/** The number of viewers without a connection that look for a frontend. */
	waiting = 0;
	readonly #options: AudienceOptions;
	#connections = 0;

	constructor(options: AudienceOptions) {
		this.#options = options;
	}

	get connections(): number {
		return this.#connections;
	}

	/** A viewer connects after `afterMs`, and stays as long as a frontend keeps it. */
	come(videos: readonly string[], afterMs: number): void {
		const { environment, logs, onGap } = this.#options;
		let node: Node | undefined;
		const reader = new LogReader({
			now: () => environment.clock.now,
			logs,
			mayLag: environment.remote !== undefined,
			mayReturn: (comment) => environment.remote?.shownUnstored.has(comment) ?? false,
			onGap: (reason) => node && onGap(reason, node),
		});
		const onFrontend = (frontend: Node) => {
			node = frontend;
		};
		this.#comeAs({ videos, reader, onFrontend }, afterMs);
	}

	/** Takes the death of a node: its viewers notice, and come back at another node. */
	lost(node: Node): void {
		for (const session of [...this.sessions]) if (session.node === node) this.#comeBack(session);
	}

	/** All blocked viewers read on. */
	wakeUp(): void {
		for (const session of this.sessions) if (!session.viewer.reading) this.#resume(session);
	}

	/** Returns the last event of each video that each viewer follows. */
	*received(): Iterable<{ session: Session; video: string; event: LikesEvent | undefined }> {
		for (const session of this.sessions) {
			for (const video of session.videos) yield { session, video, event: session.viewer.received.get(video) };
		}
	}

	#comeAs(member: AudienceMember, afterMs: number): void {
		this.waiting++;
		this.#options.environment.clock.after(afterMs, () => {
			this.waiting--;
			this.#connect(member);
		});
	}

	#connect(member: AudienceMember): void {
		const { videos, reader, onFrontend } = member;
		const { environment, label, likers, mayFall, activeUntil } = this.#options;
		const { clock, random, nodes } = environment;
		const open = [...nodes.values()].filter(({ frontend, isOpen }) => frontend && isOpen);
		if (open.length === 0) {
			this.#comeAs(member, random.next() * BACKOFF_MS);
			return;
		}
		const node = random.pick(open);
		const { frontend } = node;
		onFrontend(node);
		const viewer = new Viewer({
			name: `${label}, connection ${++this.#connections} at ${node.name}`,
			mayFall,
			isGiven: (video, like) => likers.isGiven(videoTopic(video), like),
			givenOf: (video) => likers.givenOf(videoTopic(video)),
			reader,
			deletedComments: node.deletedComments,
			mayReturn: (comment) => environment.remote?.shownUnstored.has(comment) ?? false,
			onEnd: () => this.#comeBack(session),
		});
		const { now } = clock;
		const endsAt = now + random.integer(1_000, 10_000);
		const endless = endsAt > activeUntil || random.chance(0.8);
		const connection = new Connection({
			id: `c${this.#connections}`,
			user: undefined,
			socket: viewer,
			now,
			endsAt: endless ? Number.POSITIVE_INFINITY : endsAt,
		});
		const session: Session = { viewer, connection, node, videos, reader, onFrontend, since: now, readsSince: now };
		this.sessions.add(session);
		frontend?.hub.connect(connection, now);
		for (const video of videos) {
			const from = reader.come(video);
			if (from !== undefined) environment.counts.add('logs that were resumed');
			frontend?.hub.subscribe(connection, videoTopic(video), now, from && { from });
		}
		node.wake();
		clock.after(random.next() * ACTION_MS, () => this.#act(session));
	}

	/** A viewer acts, and acts again later. */
	#act(session: Session): void {
		const { environment, activeUntil } = this.#options;
		const { clock, random } = environment;
		if (clock.now > activeUntil || !this.sessions.has(session)) return;
		if (!session.viewer.reading) this.#resume(session);
		else if (random.chance(0.3)) {
			session.viewer.reading = false;
			session.readsSince = Number.POSITIVE_INFINITY;
			environment.counts.add('viewers that stopped reading');
		} else if (random.chance(0.2)) {
			this.#comeBack(session);
			return;
		}
		clock.after(random.next() * ACTION_MS, () => this.#act(session));
	}

	#resume(session: Session): void {
		const { viewer, connection, node } = session;
		viewer.resume();
		session.readsSince = this.#options.environment.clock.now;
		node.process.run(() => {
			if (viewer.left || !connection.blocked) return;
			node.frontend?.hub.drained(connection, node.process.now);
			node.wake();
		});
	}

	#comeBack(session: Session): void {
		if (!this.sessions.delete(session)) return;
		const { environment } = this.#options;
		const { node, connection, viewer, videos, reader, onFrontend } = session;
		viewer.left = true;
		environment.counts.add('viewers that came back');
		node.process.run(() => {
			node.frontend?.hub.disconnect(connection, node.process.now);
			node.wake();
		});
		// Some come back faster than the updates that they already received.
		const maxMs = environment.random.pick([HASTE_MS, BACKOFF_MS]);
		this.#comeAs({ videos, reader, onFrontend }, environment.random.next() * maxMs);
	}
}
