import { type Comment, type CommentsAnswer, paths } from '@likewire/protocol';
import { until } from '../../../local-cluster/until.ts';
import { type Logs, undeletedIn, type WrittenEvent } from '../viewers/comment-audit.ts';

/** The time in which all regions receive all comments, in milliseconds. */
const TIMEOUT_MS = 40_000;

/** Small enough to read several pages. */
const PAGE = 40;

/** Reads all comments of a video from a node, newest first. Rejects when the node does not answer. */
export async function readHistory(url: string, video: string): Promise<Comment[]> {
	const comments: Comment[] = [];
	let before: string | null = null;
	do {
		const query = new URLSearchParams({ limit: String(PAGE), ...(before !== null && { before }) });
		const response = await fetch(`${url}${paths.comments(video)}?${query}`);
		if (!response.ok) throw new Error(`the node answered ${response.status} for the history of ${video}`);
		const page = (await response.json()) as CommentsAnswer;
		comments.push(...page.comments);
		before = page.next;
	} while (before !== null);
	return comments;
}

/**
 * Returns the faults of a history. A history has each undeleted comment once, and comments of one log in reverse order.
 * Timestamps are not compared, since the drill shifts clocks.
 */
export function historyFaults(history: readonly Comment[], logs: readonly (readonly WrittenEvent[])[]): string[] {
	const undeleted = undeletedIn(logs);
	const ids = new Set(history.map(({ id }) => id));
	const missing = [...undeleted].filter((id) => !ids.has(id)).length;
	const unexpected = [...ids].filter((id) => !undeleted.has(id)).length;
	const late = logs.reduce((sum, log) => sum + lateIn(history, log), 0);
	const doubled = history.length - ids.size;
	return [
		...(missing > 0 ? [`${missing} are missing`] : []),
		...(unexpected > 0 ? [`${unexpected} were deleted, or never written`] : []),
		...(doubled > 0 ? [`${doubled} are doubled`] : []),
		...(late > 0 ? [`${late} are newer than those before them`] : []),
	];
}

/** Counts the comments of a log that a history lists after an older comment of this log. */
function lateIn(history: readonly Comment[], log: readonly WrittenEvent[]): number {
	const offsets = new Map(log.flatMap(({ kind, comment, offset }) => (kind === 'comment' ? [[comment, offset]] : [])));
	const listed = history.flatMap(({ id }) => offsets.get(id) ?? []);
	return listed.filter((offset, index) => offset > (listed[index - 1] ?? offset)).length;
}

/** Waits until each node returns the history of all logs together. Returns the faults of nodes that did not. */
export async function auditHistory(urls: readonly string[], logs: Logs): Promise<string[]> {
	const wrongs = await Promise.all(
		[...logs].flatMap(([video, ofVideo]) => {
			return urls.map(async (url) => {
				let faults: string[] = [];
				const isWhole = async () => {
					faults = historyFaults(await readHistory(url, video), ofVideo);
					return faults.length === 0;
				};
				try {
					await until(isWhole, { what: 'the history', timeoutMs: TIMEOUT_MS });
					return [];
				} catch (error) {
					const reason = faults.length > 0 ? `of its comments ${faults.join(', ')}` : String(error);
					return [`the history of ${video} at ${url}: ${reason}`];
				}
			});
		}),
	);
	return wrongs.flat();
}
