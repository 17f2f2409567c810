import type { Client, Video } from '@likewire/sdk';
import { elementOf } from '../element-of.ts';
import { isolated } from '../elements.ts';
import type { Viewer } from '../viewer.ts';

/** Shows the typing users: `ann and bob are typing`. */
function showTyping(line: HTMLElement, users: readonly string[]): void {
	const [first = '', second = ''] = users;
	line.hidden = users.length === 0;
	if (users.length === 1) line.replaceChildren(isolated(first), ' is typing');
	else if (users.length === 2) line.replaceChildren(isolated(first), ' and ', isolated(second), ' are typing');
	else line.replaceChildren(`${users.length} people are typing`);
}

/** The line with the users that type a comment. */
export interface TypingLine {
	/** Sends whether this viewer types. */
	send(typing: boolean): void;
	hide(): void;
}

/** Shows the other users that type, if the viewer may join their conversation. */
export function followTyping(live: Client, video: Video, viewer: Viewer): TypingLine {
	const line = elementOf('[data-typing]', HTMLElement);
	// The conversation has the id of the video. A prefix would make the longest ids too long.
	const conversation = viewer.mayJoin(video.id) ? live.conversation(video.id) : undefined;
	conversation?.on('typing', () => {
		showTyping(
			line,
			conversation.typingUsers.filter((user) => user !== viewer.user),
		);
	});
	return {
		send: (typing) => conversation?.typing(typing),
		hide() {
			line.hidden = true;
		},
	};
}
