import { elementOf } from './element-of.ts';
import { startPlayer } from './player.ts';

try {
	const [, videoId] = /^\/embed\/([^/]+)/.exec(location.pathname) ?? [];
	startPlayer(decodeURIComponent(videoId ?? 'demo'));
} catch {
	const state = elementOf('[data-state]', HTMLElement);
	state.dataset.state = 'closed';
	state.textContent = 'Unknown video';
}
