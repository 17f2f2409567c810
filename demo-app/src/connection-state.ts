import type { ConnectionState } from '@likewire/sdk';

const WORDS: Readonly<Record<string, string>> = {
	connecting: 'Connecting',
	live: 'Connected',
	waiting: 'Reconnecting, taps are kept',
	polling: 'Connected, by polling',
	closed: 'Disconnected',
};

/** Shows the state of the connection as a dot and a text. */
export function showState(element: HTMLElement, state: ConnectionState): void {
	element.dataset.state = state;
	element.textContent = WORDS[state] ?? state;
}
