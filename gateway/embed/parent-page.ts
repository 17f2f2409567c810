import { isAncestor } from './ancestors.ts';

/** The version of the messages, in their field `likewire`. */
const VERSION = 1;

/** A message of the parent page that is one of this protocol. */
export type Command = Readonly<Record<string, unknown>> & { readonly do: string };

/** The page that frames the embed. */
export interface ParentPage {
	/** Sends an event, unless the embed is in no frame, or the origin of its parent is not known yet. */
	send(event: string, detail: unknown): void;
}

/**
 * Exchanges messages with the page that frames the embed, if it is of an allowed origin. Other windows,
 * such as frames of the same page, are ignored, and no message goes to them.
 *
 * @param sources the sources of `frame-ancestors`.
 */
export function openParentPage(sources: readonly string[], onCommand: (command: Command) => void): ParentPage {
	const { parent } = window;
	const isFramed = parent !== window;
	const isAllowed = (origin: string) => isAncestor(origin, sources, location.origin);
	let origin = isFramed ? presumedOrigin() : undefined;
	if (origin !== undefined && !isAllowed(origin)) origin = undefined;

	if (isFramed) {
		addEventListener('message', ({ source, origin: sender, data }: MessageEvent<unknown>) => {
			if (source !== parent || !isAllowed(sender) || !isCommand(data)) return;
			origin = sender;
			onCommand(data);
		});
	}
	return {
		send(event, detail) {
			if (origin !== undefined) parent.postMessage({ likewire: VERSION, event, detail }, origin);
		},
	};
}

/** Returns the origin of the parent as the browser says. A wrong one receives nothing: browsers check it. */
function presumedOrigin(): string | undefined {
	// Firefox has no `ancestorOrigins`; a page may hide its address there, and then has to write first.
	const [ancestor] = location.ancestorOrigins ?? [];
	if (ancestor !== undefined) return ancestor;
	return document.referrer === '' ? undefined : new URL(document.referrer).origin;
}

function isCommand(data: unknown): data is Command {
	if (typeof data !== 'object' || data === null) return false;
	const { likewire, do: name } = data as Record<string, unknown>;
	return likewire === VERSION && typeof name === 'string';
}
