import { type Client, type Comment, LikewireError, uuid, type Video } from '@likewire/sdk';
import { createAnnouncer } from '../announcer.ts';
import { elementOf } from '../element-of.ts';
import type { Viewer } from '../viewer.ts';
import { followAuthors } from './author-presence.ts';
import { createCommentList, type ShownComment } from './comment-list.ts';
import { createCommentRow } from './comment-row.ts';
import { startComposer } from './composer.ts';
import { showTyping } from './typing-line.ts';
import { createVirtualList } from './virtual-list.ts';

const PAGE_SIZE = 50;
const TIMES_MS = 30_000;

/** The wait before reading the history again, in milliseconds: caches may serve a page that is a second old. */
const SETTLED_MS = 1_500;

/** Starts the comments panel of a video. */
export function startComments(live: Client, video: Video, viewer: Viewer): void {
	const scroller = elementOf('[data-comments]', HTMLElement);
	const newer = elementOf('[data-newer]', HTMLButtonElement);
	const empty = elementOf('[data-no-comments]', HTMLElement);
	const closed = elementOf('[data-comments-closed]', HTMLElement);
	const problem = elementOf('[data-comments-problem]', HTMLElement);
	const announce = createAnnouncer(elementOf('[data-comment-announcer]', HTMLElement));
	const comments = createCommentList();
	/** The newest comment when the list was last at its end. */
	let newestSeen: ShownComment | undefined;

	const list = createVirtualList<ShownComment>({
		scroller,
		list: elementOf('[data-comment-list]', HTMLElement),
		createRow: (comment) => createCommentRow(comment, row),
		onSeen(items, atEnd) {
			authors.see(items.map(({ user }) => user));
			if (atEnd) newestSeen = comments.items.findLast(({ state }) => state === 'stored');
			showUnread();
		},
		onStart: () => void readOlder(),
	});
	const authors = followAuthors(live, viewer.maySee, list.refresh);

	function showUnread(): void {
		newer.hidden = list.isAtEnd || comments.items.length === 0;
		if (newer.hidden) return;
		const unread = comments.storedAfter(newestSeen).filter(({ user }) => user !== viewer.user).length;
		newer.textContent = unread === 0 ? 'To the newest' : `${unread} new`;
	}

	function show(): void {
		empty.hidden = comments.items.length > 0 || !isRead;
		list.show(comments.items);
		showUnread();
	}

	function showProblem(error: unknown): void {
		problem.textContent = error instanceof LikewireError ? error.message : String(error);
		problem.hidden = false;
	}

	let history = video.comments({ limit: PAGE_SIZE });
	let takeOlder = comments.readHistory();
	let isReading = false;
	let isRead = false;
	let isAtStart = false;

	async function readOlder(): Promise<void> {
		if (isReading || isAtStart) return;
		isReading = true;
		const from = history;
		try {
			for (let read = 0; read < PAGE_SIZE; read++) {
				const { value, done } = await from.next();
				// A gap restarted the history during this read.
				if (from !== history) break;
				if (done) {
					isAtStart = true;
					break;
				}
				takeOlder(value);
			}
			problem.hidden = true;
			isRead = true;
		} catch {
			// Scrolling tries again. New comments arrive on the stream.
			if (video.ended || live.state === 'closed') isAtStart = true;
			else setTimeout(readOlder, 3_000);
		}
		isReading = false;
		show();
		if (from !== history) void readOlder();
	}

	/** Reads the comments between the first page and the start of the stream. */
	async function readBetween(): Promise<void> {
		const newest = video.comments({ limit: PAGE_SIZE });
		const take = comments.readHistory();
		try {
			for (let read = 0; read < PAGE_SIZE; read++) {
				const { value, done } = await newest.next();
				if (done) break;
				take(value);
			}
		} catch (error) {
			showProblem(error);
		}
		show();
	}

	function restartHistory(): void {
		comments.reset();
		history = video.comments({ limit: PAGE_SIZE });
		takeOlder = comments.readHistory();
		isAtStart = false;
		void readOlder();
		setTimeout(readBetween, SETTLED_MS);
	}

	async function send(id: string, text: string, parent: string | undefined): Promise<void> {
		comments.send({ id, user: viewer.user, text, parent, at: Date.now() });
		show();
		list.scrollToEnd();
		try {
			await video.comment(text, { id, parent });
			problem.hidden = true;
		} catch (error) {
			comments.fail({ id, user: viewer.user });
			showProblem(error);
			show();
		}
	}

	const row = {
		ownUser: viewer.user,
		answered: comments.answered,
		isOnline: (user: string) => authors.isOnline(user),
		isClosed: () => video.ended,
		onReply: (comment: ShownComment) => composer.replyTo(comment),
		async onLike(comment: ShownComment) {
			if (comment.liked) return;
			comments.like(comment, true);
			show();
			try {
				comments.setLikes(comment, (await video.likeComment(comment)).totals);
			} catch (error) {
				comments.like(comment, false);
				showProblem(error);
			}
			show();
		},
		async onDelete(comment: ShownComment) {
			try {
				await video.deleteComment(comment.id);
				comments.remove(comment);
			} catch (error) {
				showProblem(error);
			}
			show();
		},
		onRetry: ({ id, text, parent }: ShownComment) => void send(id, text, parent),
		onDiscard(comment: ShownComment) {
			comments.remove(comment);
			problem.hidden = true;
			show();
		},
		onQuote: (id: string) => void list.scrollTo(comments.answered(id)?.key ?? ''),
	};

	const typing = elementOf('[data-typing]', HTMLElement);
	// The conversation has the id of the video. A prefix would make the longest ids too long.
	const conversation = viewer.mayJoin(video.id) ? live.conversation(video.id) : undefined;
	conversation?.on('typing', () => {
		showTyping(
			typing,
			conversation.typingUsers.filter((user) => user !== viewer.user),
		);
	});

	const composer = startComposer({
		onSend: (text, parent) => void send(uuid(), text, parent),
		onTyping: (on) => conversation?.typing(on),
	});

	function close(): void {
		closed.hidden = false;
		problem.hidden = true;
		composer.close();
		typing.hidden = true;
		list.refresh();
	}

	function add(comment: Omit<Comment, 'likes'>): void {
		const isNew = comments.store(comment);
		if (isNew && comment.user !== viewer.user) announce(`${comment.user}: ${comment.text}`);
		show();
	}

	video.on('comment', add);
	video.on('comment-deleted', (comment) => {
		comments.remove(comment);
		show();
		// Answers quote the deleted comment.
		list.refresh();
	});
	video.on('comment-likes', (comment) => {
		comments.setLikes(comment, comment.totals);
		show();
	});
	video.on('gap', restartHistory);
	// The first event is the snapshot. The stream delivers all later comments.
	const stopWaiting = video.on('likes', () => {
		stopWaiting();
		setTimeout(readBetween, SETTLED_MS);
	});
	video.on('ended', close);
	newer.addEventListener('click', () => list.scrollToEnd());
	setInterval(list.refresh, TIMES_MS);
	if (video.ended) close();
	void readOlder();
}
