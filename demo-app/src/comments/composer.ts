import { elementOf } from '../element-of.ts';
import { isolated } from '../elements.ts';
import { keepFocus, setHidden } from '../focus.ts';
import type { ShownComment } from './comment-list.ts';

const MAX_LENGTH = 500;
/** The composer shows the remaining characters from this number on. */
const SHOWN_LEFT = 80;

/** The form for a new comment. */
export interface Composer {
	/** Makes the next comment an answer to this one. */
	replyTo(comment: ShownComment): void;
	/** Shows that the video has ended. The form goes, unless it has a text that its author may want to copy. */
	close(): void;
}

export interface ComposerOptions {
	readonly onSend: (text: string, parent: string | undefined) => void;
	readonly onTyping: (typing: boolean) => void;
}

/** Starts the form of the page. */
export function startComposer({ onSend, onTyping }: ComposerOptions): Composer {
	const form = elementOf('[data-composer]', HTMLFormElement);
	const field = elementOf('[data-comment]', HTMLTextAreaElement);
	const button = elementOf('[data-send]', HTMLButtonElement);
	const left = elementOf('[data-left]', HTMLElement);
	const closed = elementOf('[data-comments-closed]', HTMLElement);
	const banner = elementOf('[data-replying]', HTMLElement);
	const name = elementOf('[data-replying-to]', HTMLElement);
	let parent: string | undefined;

	function measure(): void {
		const length = [...field.value.trim()].length;
		const room = MAX_LENGTH - length;
		left.hidden = room > SHOWN_LEFT;
		left.textContent = room < 0 ? `${-room} too many` : `${room} left`;
		left.classList.toggle('over', room < 0);
		button.disabled = length === 0 || room < 0;
		field.style.height = 'auto';
		field.style.height = `${field.scrollHeight}px`;
	}

	function endReply(): void {
		parent = undefined;
		setHidden(banner, true, field);
	}

	function keepDraft(): void {
		field.readOnly = true;
		setHidden(button, true, field);
		left.textContent = 'Not sent. You can still copy your text.';
		left.hidden = false;
	}

	function send(): void {
		measure();
		if (button.disabled || field.readOnly) return;
		const text = field.value.trim();
		const answered = parent;
		field.value = '';
		keepFocus(button, field);
		endReply();
		measure();
		onTyping(false);
		onSend(text, answered);
	}

	form.addEventListener('submit', (event) => {
		event.preventDefault();
		send();
	});
	field.addEventListener('keydown', (event) => {
		if (event.key === 'Escape') endReply();
		// While an input method composes, Enter accepts its suggestion.
		if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
		event.preventDefault();
		send();
	});
	field.addEventListener('input', () => {
		measure();
		onTyping(field.value.trim() !== '');
	});
	elementOf('[data-end-reply]', HTMLButtonElement).addEventListener('click', endReply);
	measure();

	return {
		replyTo(comment) {
			// Threads have one level: an answer to an answer answers the same comment.
			parent = comment.parent ?? comment.id;
			name.replaceChildren(isolated(comment.user));
			banner.hidden = false;
			field.focus();
		},
		close() {
			closed.hidden = false;
			endReply();
			if (field.value.trim() !== '') {
				keepDraft();
				return;
			}
			setHidden(form, true, closed);
		},
	};
}
