import { LikewireError } from '../../errors.ts';
import type { Live } from '../base/live.ts';
import type { Pace, Paced, PacedPlayer } from '../pace/paced.ts';
import { positionAt } from '../pace/program-time.ts';
import { startClock } from './clock.ts';
import { createStage, type Stage } from './stage.ts';

/** The longest time between a like and what its user saw, in milliseconds: gateways take no older `position`. */
const OLDEST_MS = 60_000;

/** Media events after which another pace may be due. */
const CHANGES = ['durationchange', 'emptied', 'timeupdate', 'play'];

/** Shows the reactions of one video at the pace of a player. */
export interface Pacing {
	readonly live: Live;
	/** Takes another pace where one is due: an attribute or the media changed. */
	update(): void;
	localize(): void;
	close(): void;
}

/** As likes arrive, synchronized with a live program, or at the moments of the recording that begins at this time. */
type Way = 'arrival' | 'sync' | number;

/** @param isSynced whether reactions to a live program wait for its playhead. */
export function createPacing(source: Live, player: PacedPlayer, isSynced: () => boolean): Pacing {
	const { media } = player;
	const playhead = () => positionAt(player.spans(), media.currentTime);
	const stage: Stage = createStage(source, () => {
		const position = playhead();
		return position !== undefined && position > Date.now() - OLDEST_MS ? position : undefined;
	});
	let way: Way = 'arrival';
	let pace: Pace | undefined;

	function dueWay(): Way {
		const [first] = player.spans();
		if (first === undefined) return 'arrival';
		if (player.isRecording()) return first.position;
		return isSynced() ? 'sync' : 'arrival';
	}

	async function load(next: Way): Promise<Pace | undefined> {
		const paced: Paced = {
			...{ player, live: source, events: stage.events, playhead },
			onMove: (listener) => startClock(media, listener),
		};
		if (next === 'sync') return (await import('../pace/sync-pace.ts')).createSyncPace(paced);
		if (next !== 'arrival') return (await import('../pace/replay-pace.ts')).createReplayPace(paced);
		return undefined;
	}

	function update(): void {
		const next = dueWay();
		if (next === way) return;
		way = next;
		pace = undefined;
		stage.setPace(undefined);
		load(next).then(
			(loaded) => {
				if (way !== next) loaded?.stop();
				else {
					pace = loaded;
					stage.setPace(loaded);
				}
			},
			(cause) => player.onError(new LikewireError('network', 'A part of the player did not load.', { cause })),
		);
	}

	for (const name of CHANGES) media.addEventListener(name, update);
	return {
		live: stage.live,
		update,
		localize: () => pace?.localize(),
		close() {
			way = 'arrival';
			for (const name of CHANGES) media.removeEventListener(name, update);
			stage.close();
		},
	};
}
