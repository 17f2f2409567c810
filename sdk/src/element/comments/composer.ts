import { MAX_COMMENT_LENGTH } from '@likewire/protocol';
import type { CommentEntry } from '../../comments/comment-list.ts';
import { make, setText } from '../base/dom.ts';
import type { Words } from '../base/texts.ts';

/** The form shows how many characters are left from this number on. */
const SHOWN_LEFT = 80;

/** The form for a comment. */
export interface Composer {
	readonly element: HTMLFormElement;
	localize(words: Words): void;
	/** Makes the next comment an answer to this one. */
	replyTo(comment: CommentEntry): void;
	/** Opens or closes the form. What is written stays, and so does the focus. */
	setOver(isOver: boolean): void;
	focus(): void;
}

/** Creates the form. It calls `send` with each comment. */
export function createComposer(send: (text: string, parent: string | undefined) => void): Composer {
	const label = make('label', { for: 'field', class: 'unseen' });
	const field = make('textarea', {
		id: 'field',
		part: 'field',
		rows: '2',
		'aria-describedby': 'left closed',
	});
	const button = make('button', { type: 'submit', part: 'send' });
	const left = make('span', { id: 'left', part: 'left', role: 'status' });
	const answered = make('span');
	const cancel = make('button', { type: 'button', part: 'cancel-reply' });
	const replying = make('p', { part: 'replying', hidden: true }, answered, cancel);
	const closed = make('p', { id: 'closed', part: 'closed', hidden: true });
	const element = make('form', { part: 'form' }, closed, replying, label, field, left, button);
	let words: Words | undefined;
	let parent: CommentEntry | undefined;
	let isOver = false;

	/** Shows whether the text can be sent. */
	function measure(): boolean {
		const length = [...field.value.trim()].length;
		const room = MAX_COMMENT_LENGTH - length;
		const text = room > SHOWN_LEFT ? '' : room < 0 ? 'too-many' : 'left';
		setText(left, text && (words?.text(text, { count: Math.abs(room) }) ?? ''));
		const canSend = length > 0 && room >= 0 && !isOver;
		field.toggleAttribute('aria-invalid', room < 0);
		// Not `disabled`, which would drop the focus of the button after each comment.
		button.setAttribute('aria-disabled', String(!canSend));
		return canSend;
	}

	function setParent(comment: CommentEntry | undefined): void {
		parent = comment;
		// The focus leaves before its element hides.
		if (comment === undefined && element.contains((element.getRootNode() as ShadowRoot).activeElement)) field.focus();
		replying.hidden = comment === undefined;
		answered.textContent =
			comment === undefined ? '' : (words?.text('replying-to', { user: comment.user ?? '' }) ?? '');
	}

	element.addEventListener('submit', (event) => {
		event.preventDefault();
		if (!measure()) return;
		const text = field.value.trim();
		// Threads have one level: an answer to an answer answers the same comment.
		const answeredId = parent?.parent ?? parent?.id;
		field.value = '';
		setParent(undefined);
		measure();
		field.focus();
		send(text, answeredId);
	});
	field.addEventListener('keydown', (event) => {
		if (event.key === 'Escape' && parent !== undefined) {
			event.stopPropagation();
			setParent(undefined);
		}
		// While an input method composes, Enter accepts its suggestion.
		if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
		event.preventDefault();
		if (!event.repeat) element.requestSubmit();
	});
	field.addEventListener('input', measure);
	cancel.addEventListener('click', () => setParent(undefined));

	return {
		element,
		localize(next) {
			words = next;
			label.textContent = words.text('comment-field');
			field.placeholder = words.text('comment-field');
			button.textContent = words.text('send');
			cancel.textContent = words.text('cancel-reply');
			closed.textContent = words.text('comments-closed');
			setParent(parent);
			measure();
		},
		replyTo(comment) {
			if (isOver) return;
			setParent(comment);
			field.focus();
		},
		setOver(over) {
			isOver = over;
			field.readOnly = over;
			closed.hidden = !over;
			measure();
		},
		focus: () => field.focus(),
	};
}
