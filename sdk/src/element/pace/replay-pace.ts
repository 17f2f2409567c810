import type { Totals } from '@likewire/protocol';
import { backoffCeilingMs } from '../../backoff.ts';
import type { LikewireError } from '../../errors.ts';
import type { Timeline } from '../../kinds/timeline.ts';
import { addStyles } from '../base/dom.ts';
import { heatOf } from './heat.ts';
import type { Pace, Paced } from './paced.ts';
import { createPast, type Past, plus } from './past.ts';
import { positionAt, type Span, timeAt } from './program-time.ts';
import { createReplayView, placeMarks, type ReplayView, TEXTS } from './replay-view.ts';
import { STYLES } from './styles.ts';

const HOUR_MS = 3_600_000;

/** How many highlights are read: some fall outside of the recording, or close to a better one. */
const HIGHLIGHTS = 10;

/** What a recording is read with. */
interface Recording {
	readonly spans: readonly Span[];
	/** In seconds. */
	readonly duration: number;
	/** The end of its program, in Unix milliseconds. */
	readonly end: number;
}

/** Reads the reactions of a recording by the second, and those before it by the hour. */
async function readPast({ live: { video } }: Paced, { spans, end }: Recording): Promise<[Timeline, Totals]> {
	const hour = Math.floor((spans[0]?.position ?? 0) / HOUR_MS) * HOUR_MS;
	const [within, before] = await Promise.all([
		video.timeline({ step: '1s', from: hour, to: Math.ceil(end / 1_000) * 1_000 }),
		hour > 0 ? video.timeline({ step: '1h', to: hour }) : undefined,
	]);
	return [within, (before?.points ?? []).reduce<Totals>((sum, { counts }) => plus(sum, counts), {})];
}

/**
 * Shows the reactions to a recording at their moments: hearts and totals up to the playhead, a heat line over the seek
 * bar, and marks of the highlights. Taps of this viewer count and fly at once.
 */
export function createReplayPace(paced: Paced): Pace {
	const { player, live, events, playhead, onMove } = paced;
	const { media } = player;
	let past: Past | undefined;
	let view: ReplayView | undefined;
	let reached: number | undefined;
	/** The taps of this viewer since the replay began, which the timeline has at its end. */
	let own: Totals = {};
	let totals = live.totals;
	let retry: ReturnType<typeof setTimeout> | undefined;
	let isStopped = false;

	function totalsNow(): Totals {
		const position = playhead();
		if (past === undefined || position === undefined || media.ended) return live.totals;
		return plus(past.upTo(position), own);
	}

	function show(): void {
		const next = totalsNow();
		if (JSON.stringify(next) === JSON.stringify(totals)) return;
		totals = next;
		events.emit('totals', totals);
	}

	function move(jumped: boolean): void {
		const from = reached;
		reached = playhead();
		if (past !== undefined && from !== undefined && reached !== undefined && !jumped) {
			for (const [type, count] of Object.entries(past.between(from, reached))) {
				events.emit('flight', { type, count, own: false });
			}
		}
		show();
	}

	function tapped(type: string, by: number): void {
		own = plus(own, { [type]: by });
		show();
	}

	function localize(): void {
		view?.localize(player.words(TEXTS));
	}

	function showPlaying(): void {
		view?.element.classList.toggle('playing', !media.paused && !media.ended);
	}

	async function read(): Promise<boolean> {
		const spans = player.spans();
		const { duration } = media;
		const end = positionAt(spans, duration) ?? 0;
		const [[timeline, before], { highlights, missing }] = await Promise.all([
			readPast(paced, { spans, duration, end }),
			live.video.highlights({ count: HIGHLIGHTS }),
		]);
		if (isStopped) return true;
		past = createPast(timeline.points, before);
		const begin = spans[0]?.position ?? 0;
		const marks = highlights.flatMap(({ from, to, counts }) => {
			const time = to > begin ? timeAt(spans, Math.max(from, begin)) : undefined;
			return time === undefined ? [] : [{ time, counts }];
		});
		const heat = heatOf(timeline.points, spans, duration);
		view?.element.remove();
		view = createReplayView(heat, placeMarks(marks, duration), duration, (time) => {
			media.currentTime = time;
		});
		addStyles(player.root, STYLES);
		player.stage.append(view.element);
		localize();
		showPlaying();
		move(true);
		return timeline.missing.length + missing.length === 0;
	}

	function readLater(failures: number): void {
		retry = setTimeout(() => start(failures + 1), Math.random() * backoffCeilingMs(failures + 2));
	}

	function start(failures: number): void {
		read().then(
			(isComplete) => {
				// A region did not answer: its reactions are missing.
				if (!isComplete) readLater(failures);
			},
			(error: LikewireError) => {
				if (isStopped) return;
				player.onError(error);
				if (error.retryable) readLater(failures);
			},
		);
	}

	const unbinds = [
		live.on('flight', ({ type, count, own: isOwn }) => {
			if (isOwn) tapped(type, count);
		}),
		live.on('refused', (type) => tapped(type, -1)),
		live.video.on('totals', show),
		onMove(move),
	];
	for (const name of ['play', 'pause', 'ended']) media.addEventListener(name, showPlaying);
	start(0);
	return {
		get totals() {
			return totals;
		},
		localize,
		stop() {
			isStopped = true;
			clearTimeout(retry);
			for (const unbind of unbinds) unbind();
			for (const name of ['play', 'pause', 'ended']) media.removeEventListener(name, showPlaying);
			view?.element.remove();
		},
	};
}
