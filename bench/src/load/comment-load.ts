import { randomUUID } from 'node:crypto';
import { type CommentsAnswer, paths } from '@likewire/protocol';
import { Histogram } from '../measure/histogram.ts';

/** The sent comments and signals, and their answers. */
export interface CommentLedger {
	/** The ids of comments with the answer 201. */
	readonly accepted: Set<string>;
	/** Other answers by status; 0 without an answer. */
	readonly others: Map<number, number>;
	/** From sending a comment to its answer, in milliseconds. */
	readonly answerMs: Histogram;
}

export interface CommentLoadOptions {
	readonly port: number;
	readonly video: string;
	readonly seconds: number;
	readonly commentsPerSecond: number;
	/** Custom events of the class `signal` on the topic of the video. */
	readonly signalsPerSecond: number;
}

const SLOT_MS = 10;

/** Sends comments and signals at fixed rates, independent of the answers. Resolves when all are answered. */
export async function commentsAtRate(options: CommentLoadOptions): Promise<CommentLedger> {
	const { port, video, seconds, commentsPerSecond, signalsPerSecond } = options;
	const ledger: CommentLedger = { accepted: new Set(), others: new Map(), answerMs: new Histogram() };
	const under = `http://127.0.0.1:${port}`;
	const posts: Promise<void>[] = [];

	async function post(path: string, body: unknown): Promise<number> {
		const headers = { 'content-type': 'application/json', 'x-likewire-user': 'bench' };
		const request = fetch(under + path, { method: 'POST', headers, body: JSON.stringify(body) });
		const status = await request.then(
			async (response) => {
				await response.arrayBuffer();
				return response.status;
			},
			() => 0,
		);
		if (status >= 300 || status === 0) ledger.others.set(status, (ledger.others.get(status) ?? 0) + 1);
		return status;
	}

	async function comment(): Promise<void> {
		const id = randomUUID();
		const sentAt = performance.now();
		if ((await post(paths.comments(video), { id, text: `comment ${id}` })) === 201) ledger.accepted.add(id);
		ledger.answerMs.record(performance.now() - sentAt);
	}

	async function signal(): Promise<void> {
		await post(paths.topicEvents(`video:${video}`), { name: 'wave', class: 'signal', data: { from: randomUUID() } });
	}

	const startedAt = performance.now();
	let comments = 0;
	let signals = 0;
	await new Promise<void>((resolve) => {
		const timer = setInterval(() => {
			const elapsed = Math.min(seconds, (performance.now() - startedAt) / 1000);
			for (; comments < Math.floor(elapsed * commentsPerSecond); comments++) posts.push(comment());
			for (; signals < Math.floor(elapsed * signalsPerSecond); signals++) posts.push(signal());
			if (elapsed < seconds) return;
			clearInterval(timer);
			resolve();
		}, SLOT_MS);
	});
	await Promise.all(posts);
	return ledger;
}

/** Reads the ids of all comments in the history of a video. */
export async function readHistory(port: number, video: string): Promise<Set<string>> {
	const ids = new Set<string>();
	let before: string | null = '';
	do {
		const query = new URLSearchParams({ limit: '100', ...(before && { before }) });
		const response = await fetch(`http://127.0.0.1:${port}${paths.comments(video)}?${query}`);
		const { comments, next } = (await response.json()) as CommentsAnswer;
		for (const { id } of comments) ids.add(id);
		before = next;
	} while (before !== null);
	return ids;
}
