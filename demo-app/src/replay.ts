import type { Timeline, Video } from '@likewire/sdk';
import { elementOf } from './element-of.ts';
import { LOOP_SECONDS } from './live-clip.ts';
import { sum } from './reaction-types.ts';
import type { Viewer } from './viewer.ts';

/**
 * Returns when the loop of the clip began that had the most reactions, in Unix milliseconds; undefined without reactions.
 * Each loop begins at a multiple of its length, as the steps of a timeline do.
 */
export function bestLoop(points: Timeline['points']): number | undefined {
	let best: Timeline['points'][number] | undefined;
	for (const point of points) if (best === undefined || sum(point.counts) > sum(best.counts)) best = point;
	return best?.at;
}

/** Offers the loop with the most reactions as a replay, with its hearts, once the video has ended. */
export function offerReplay(video: Video, { user, token }: Viewer): void {
	const section = elementOf('[data-replay]', HTMLElement);
	const clip = elementOf('[data-clip]', HTMLVideoElement);

	async function offer(): Promise<void> {
		const { points } = await video.timeline({ step: `${LOOP_SECONDS}s` });
		const start = bestLoop(points);
		if (start === undefined) return;
		// The gateway of this page serves the elements.
		await import('/element.js' as string);
		const player = document.createElement('likewire-player');
		player.setAttribute('video', video.id);
		player.setAttribute('src', clip.currentSrc);
		player.setAttribute('poster', clip.poster);
		player.setAttribute('started-at', String(start));
		player.setAttribute('muted', '');
		player.setAttribute('user', user);
		// As a property: an attribute would show the token to each script that reads the page.
		if (token !== undefined) Object.assign(player, { token });
		const time = new Date(start).toLocaleTimeString([], { timeStyle: 'medium' });
		elementOf('[data-replay-when]', HTMLElement).textContent =
			`The ${LOOP_SECONDS} seconds with the most reactions, from ${time}. Each flies again at its second.`;
		section.append(player);
		section.hidden = false;
	}

	// Without a timeline the page shows no replay.
	video.on('ended', () => void offer().catch(() => undefined));
}
