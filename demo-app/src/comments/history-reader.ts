import type { Video } from '@likewire/sdk';
import type { CommentList } from './comment-list.ts';
import type { ProblemLine } from './problem-line.ts';

const PAGE_SIZE = 50;

/** The wait before reading the history again, in milliseconds: caches may serve a page that is a second old. */
const SETTLED_MS = 1_500;

const RETRY_MS = 3_000;

/** Reads the history of a video into the list, the newest comments first. */
export interface HistoryReader {
	/** Whether a page has been read. */
	readonly isRead: boolean;
	/** Reads the next page of older comments. */
	readOlder(): Promise<void>;
	/** Reads the comments between the first page and the start of the stream, when caches have them. */
	readNewest(): void;
	/** Drops the stored comments and starts again, after a gap in the stream. */
	restart(): void;
}

export interface HistoryReaderOptions {
	readonly video: Video;
	readonly comments: CommentList;
	readonly problem: ProblemLine;
	/** Whether a failed page will fail again. */
	readonly isOver: () => boolean;
	/** Called after each change of the list. */
	readonly onChange: () => void;
}

export function createHistoryReader(options: HistoryReaderOptions): HistoryReader {
	const { video, comments, problem, isOver, onChange } = options;
	let history = video.comments({ limit: PAGE_SIZE });
	let takeOlder = comments.readHistory();
	let isReading = false;
	let isRead = false;
	let isAtStart = false;

	async function readPage(from: typeof history): Promise<void> {
		for (let read = 0; read < PAGE_SIZE; read++) {
			const { value, done } = await from.next();
			// A gap restarted the history during this read.
			if (from !== history) return;
			if (done) {
				isAtStart = true;
				return;
			}
			takeOlder(value);
		}
	}

	async function readOlder(): Promise<void> {
		if (isReading || isAtStart) return;
		isReading = true;
		const from = history;
		try {
			await readPage(from);
			problem.clear();
			isRead = true;
		} catch {
			// Scrolling tries again. New comments arrive on the stream.
			if (isOver()) isAtStart = true;
			else setTimeout(readOlder, RETRY_MS);
		}
		isReading = false;
		onChange();
		if (from !== history) void readOlder();
	}

	async function readNewestPage(): Promise<void> {
		const newest = video.comments({ limit: PAGE_SIZE });
		const take = comments.readHistory();
		try {
			for (let read = 0; read < PAGE_SIZE; read++) {
				const { value, done } = await newest.next();
				if (done) break;
				take(value);
			}
		} catch (error) {
			problem.show(error);
		}
		onChange();
	}

	function readNewest(): void {
		setTimeout(readNewestPage, SETTLED_MS);
	}

	return {
		get isRead() {
			return isRead;
		},
		readOlder,
		readNewest,
		restart() {
			comments.reset();
			history = video.comments({ limit: PAGE_SIZE });
			takeOlder = comments.readHistory();
			isAtStart = false;
			void readOlder();
			readNewest();
		},
	};
}
