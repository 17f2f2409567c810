import { type Client, uuid, type Video } from '@likewire/sdk';
import { createAnnouncer } from '../announcer.ts';
import { elementOf } from '../element-of.ts';
import type { Viewer } from '../viewer.ts';
import { followAuthors } from './author-presence.ts';
import { createCommentActions } from './comment-actions.ts';
import { createCommentList, type ShownComment } from './comment-list.ts';
import { createCommentRow } from './comment-row.ts';
import { followComments } from './comment-stream.ts';
import { startComposer } from './composer.ts';
import { createHistoryReader } from './history-reader.ts';
import { createProblemLine } from './problem-line.ts';
import { followTyping } from './typing-line.ts';
import { createUnreadButton } from './unread-button.ts';
import { createVirtualList } from './virtual-list.ts';

const TIMES_MS = 30_000;

/** Starts the comments panel of a video. */
export function startComments(live: Client, video: Video, viewer: Viewer): void {
	const ownUser = viewer.user;
	const scroller = elementOf('[data-comments]', HTMLElement);
	const empty = elementOf('[data-no-comments]', HTMLElement);
	const problem = createProblemLine(elementOf('[data-comments-problem]', HTMLElement));
	const { announce } = createAnnouncer(elementOf('[data-comment-announcer]', HTMLElement));
	const comments = createCommentList();

	const list = createVirtualList<ShownComment>({
		scroller,
		list: elementOf('[data-comment-list]', HTMLElement),
		createRow: (comment) => createCommentRow(comment, row),
		onSeen(items, atEnd) {
			authors.see(items.map(({ user }) => user));
			if (atEnd) unread.markRead();
			unread.show(atEnd);
		},
		onStart: () => void history.readOlder(),
	});
	const unread = createUnreadButton({
		button: elementOf('[data-newer]', HTMLButtonElement),
		scroller,
		comments,
		ownUser,
		onClick: () => list.scrollToEnd(),
	});
	const authors = followAuthors(live, viewer.maySee, list.refresh);

	function show(): void {
		empty.hidden = comments.items.length > 0 || !history.isRead;
		list.show(comments.items);
		unread.show(list.isAtEnd);
	}

	const history = createHistoryReader({
		video,
		comments,
		problem,
		isOver: () => video.ended || live.state === 'closed',
		onChange: show,
	});
	const actions = createCommentActions({ video, ownUser, comments, problem, onChange: show });

	function send(id: string, text: string, parent: string | undefined): void {
		void actions.send(id, text, parent);
		list.scrollToEnd();
	}

	const row = {
		ownUser,
		answered: comments.answered,
		isOnline: (user: string) => authors.isOnline(user),
		isClosed: () => video.ended,
		onReply: (comment: ShownComment) => composer.replyTo(comment),
		onLike: (comment: ShownComment) => void actions.like(comment),
		onDelete: (comment: ShownComment) => void actions.delete(comment),
		onRetry: ({ id, text, parent }: ShownComment) => send(id, text, parent),
		onDiscard: actions.discard,
		onQuote: (id: string) => void list.scrollTo(comments.answered(id)?.key ?? ''),
	};

	const typing = followTyping(live, video, viewer);
	const composer = startComposer({
		onSend: (text, parent) => send(uuid(), text, parent),
		onTyping: typing.send,
	});

	function close(): void {
		problem.clear();
		composer.close();
		typing.hide();
		list.refresh();
	}

	followComments({
		video,
		ownUser,
		comments,
		history,
		announce,
		onChange: show,
		onDeleted: list.refresh,
	});
	video.on('ended', close);
	setInterval(list.refresh, TIMES_MS);
	if (video.ended) close();
	void history.readOlder();
}
