import { type Comment, type CommentsAnswer, paths } from '@likewire/protocol';
import { until } from '../../../local-cluster/until.ts';
import { type Logs, standingIn, type WrittenEvent } from '../viewers/comment-audit.ts';

/** Regions hear within this time, in milliseconds, what the others know. */
const TIMEOUT_MS = 40_000;

/** So few that there are several pages. */
const PAGE = 40;

/** All that a node says was said about a video, newest first. Rejects when it does not answer. */
export async function readHistory(url: string, video: string): Promise<Comment[]> {
	const comments: Comment[] = [];
	let before: string | null = null;
	do {
		const query = new URLSearchParams({ limit: String(PAGE), ...(before !== null && { before }) });
		const response = await fetch(`${url}${paths.comments(video)}?${query}`);
		if (!response.ok) throw new Error(`the history of ${video} was answered with ${response.status}`);
		const page = (await response.json()) as CommentsAnswer;
		comments.push(...page.comments);
		before = page.next;
	} while (before !== null);
	return comments;
}

/**
 * What is wrong with a history: comments that stand, each once, those of a log in the reverse of its order. Times say
 * nothing: clocks are set back.
 */
export function historyFaults(history: readonly Comment[], logs: readonly (readonly WrittenEvent[])[]): string[] {
	const standing = standingIn(logs);
	const ids = new Set(history.map(({ id }) => id));
	const missing = [...standing].filter((id) => !ids.has(id)).length;
	const strange = [...ids].filter((id) => !standing.has(id)).length;
	const late = logs.reduce((sum, log) => sum + lateIn(history, log), 0);
	const doubled = history.length - ids.size;
	return [
		...(missing > 0 ? [`${missing} are missing`] : []),
		...(strange > 0 ? [`${strange} were deleted, or never written`] : []),
		...(doubled > 0 ? [`${doubled} are doubled`] : []),
		...(late > 0 ? [`${late} are newer than those before them`] : []),
	];
}

/** How many comments of a log a history lists behind an older one of the same log. */
function lateIn(history: readonly Comment[], log: readonly WrittenEvent[]): number {
	const offsets = new Map(log.flatMap(({ kind, comment, offset }) => (kind === 'comment' ? [[comment, offset]] : [])));
	const listed = history.flatMap(({ id }) => offsets.get(id) ?? []);
	return listed.filter((offset, index) => offset > (listed[index - 1] ?? offset)).length;
}

/** Waits until nodes show the history that the logs of the stores hold together, and tells what is wrong if they do not. */
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
					const why = faults.length > 0 ? `of its comments ${faults.join(', ')}` : String(error);
					return [`the history of ${video} at ${url}: ${why}`];
				}
			});
		}),
	);
	return wrongs.flat();
}
