import { type CommentEntry, CommentList } from '../../comments/comment-list.ts';
import type { LikewireError } from '../../errors.ts';
import type { Video } from '../../video.ts';
import { createAnnouncer } from '../base/announcer.ts';
import { adoptStyles, make, setText } from '../base/dom.ts';
import type { Live } from '../base/live.ts';
import type { Texts, Words } from '../base/texts.ts';
import type { Action, RowContext } from './comment-row.ts';
import { createCommentRows } from './comment-rows.ts';
import { createComposer } from './composer.ts';
import { STYLES } from './styles.ts';
import { TEXTS } from './texts.ts';

const PAGE_SIZE = 50;
/** The most comments in the list, of which each has an element. */
const MAX_COMMENTS = 500;
const TIMES_MS = 30_000;
/** How near its end the list follows new comments, in CSS pixels. */
const NEAR_END = 60;

/** The comments of an element. Its form and what is written there stay from one video to the next. */
export interface CommentsPanel {
	readonly defaults: Texts;
	localize(words: Words): void;
	/** Shows the comments of a video. Returns a function that ends it. */
	follow(live: Live): () => void;
}

/** What the panel shows of one video. */
interface Followed {
	readonly live: Live;
	readonly video: Video;
	readonly list: CommentList;
	readonly liked: Set<string>;
	user: string | undefined;
}

/** Creates the panel in a shadow root. It calls `onError` with each refusal. */
export function createCommentsPanel(root: ShadowRoot, onError: (error: LikewireError) => void): CommentsPanel {
	const older = make('button', { type: 'button', part: 'older', hidden: true });
	const items = make('ol', { part: 'list' });
	const none = make('p', { part: 'none', hidden: true });
	const scroller = make('div', { part: 'scroller', tabindex: '0', role: 'group' }, older, none, items);
	const newer = make('button', { type: 'button', part: 'newer', hidden: true });
	const problem = make('p', { part: 'problem', role: 'alert' });
	const status = make('p', { role: 'status', class: 'unseen' });
	const announcer = createAnnouncer(status);
	const composer = createComposer((text, parent) => void followed?.list.send(text, { parent }));
	let words: Words;
	let followed: Followed | undefined;
	let unseen = 0;

	const context: RowContext = {
		words: () => words,
		isOver: () => followed?.video.ended ?? true,
		isOwn,
		mayDelete: (comment) => isOwn(comment) || (followed?.live.mayModerate() ?? false),
		isLiked: ({ key }) => followed?.liked.has(key) ?? false,
		answered: (id) => {
			const same = followed?.list.state.comments.filter((comment) => comment.id === id);
			return same?.find(({ parent }) => parent === undefined) ?? same?.[0];
		},
		on: act,
	};
	const rows = createCommentRows(items, context, () => scroller.focus());

	/** Only comments that this page sent have their id as their key. */
	function isOwn({ key, id, user }: CommentEntry): boolean {
		return key === id || (user !== undefined && user === followed?.user);
	}

	async function act(action: Action, comment: CommentEntry): Promise<void> {
		const current = followed;
		if (current === undefined) return;
		const { list, video, liked } = current;
		const name = { id: comment.id, user: comment.user ?? current.user ?? '' };
		setText(problem, '');
		try {
			if (action === 'reply') composer.replyTo(comment);
			else if (action === 'send-again') await list.retry(comment.id);
			else if (action === 'discard') list.discard(comment.id);
			else if (action === 'like') {
				liked.add(comment.key);
				render();
				await video.likeComment(name);
			} else if (action === 'delete') {
				await video.deleteComment(comment.id, isOwn(comment) ? {} : { user: name.user });
				announcer.now(words.text('comment-deleted'));
			}
		} catch (error) {
			liked.delete(comment.key);
			setText(problem, words.text('refused', { reason: (error as LikewireError).message }));
			onError(error as LikewireError);
			render();
		}
	}

	const isAtEnd = () => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_END;

	/** Hides a button, whose focus goes to the list. */
	function hide(button: HTMLButtonElement, isHidden: boolean): void {
		if (isHidden && root.activeElement === button) scroller.focus();
		button.hidden = isHidden;
	}

	function toEnd(): void {
		scroller.scrollTop = scroller.scrollHeight;
		unseen = 0;
		hide(newer, true);
	}

	function render(): void {
		if (followed === undefined) return;
		const { comments, loading, hasMore, error } = followed.list.state;
		const follows = isAtEnd();
		const fromEnd = scroller.scrollHeight - scroller.scrollTop;
		const first = items.firstElementChild;
		rows.render(comments);
		hide(older, !hasMore || (loading && comments.length === 0));
		older.setAttribute('aria-disabled', String(loading));
		none.hidden = comments.length > 0 || loading || hasMore;
		setText(problem, error === undefined ? (problem.textContent ?? '') : words.text('comments-failed'));
		// Older comments push the others down: the user goes on reading where they were.
		if (follows) toEnd();
		else if (first !== items.firstElementChild) scroller.scrollTop = scroller.scrollHeight - fromEnd;
	}

	function close(): void {
		composer.setOver(true);
		announcer.now(words.text('comments-closed'));
		render();
	}

	older.addEventListener('click', () => {
		if (older.getAttribute('aria-disabled') === 'true') return;
		setText(problem, '');
		void followed?.list.loadMore();
	});
	newer.addEventListener('click', () => {
		toEnd();
		scroller.focus();
	});
	scroller.addEventListener('scroll', () => {
		if (isAtEnd()) toEnd();
	});
	adoptStyles(root, ...STYLES);
	root.append(make('section', { part: 'panel' }, scroller, newer, problem, composer.element), status);

	function showUnseen(): void {
		newer.textContent = words.text('newer', { count: unseen });
		newer.hidden = unseen === 0;
	}

	return {
		defaults: TEXTS,
		localize(next) {
			words = next;
			root.querySelector('section')?.setAttribute('aria-label', words.text('comments'));
			scroller.setAttribute('aria-label', words.text('comments-so-far'));
			older.textContent = words.text('older');
			none.textContent = words.text('no-comments');
			composer.localize(words);
			showUnseen();
			render();
		},
		follow(live) {
			const video = live.client.video(live.video.id);
			const list = new CommentList(video, { pageSize: PAGE_SIZE, max: MAX_COMMENTS }, render);
			const current: Followed = { live, video, list, liked: new Set(), user: undefined };
			followed = current;
			setText(problem, '');
			composer.setOver(video.ended);
			video.on('ended', close);
			video.on('comment', (comment) => {
				if (isOwn({ ...comment, key: '', status: 'sent' })) return;
				announcer.later(`${comment.user}: ${comment.text}`);
				if (isAtEnd()) return;
				unseen++;
				showUnseen();
			});
			live.user().then((user) => {
				current.user = user;
				render();
			}, onError);
			const timer = setInterval(render, TIMES_MS);
			render();
			return () => {
				clearInterval(timer);
				list.close();
				video.close();
				announcer.stop();
				followed = undefined;
				rows.render([]);
				unseen = 0;
				showUnseen();
			};
		},
	};
}
