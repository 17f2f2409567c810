import type { LikewirePlayer } from '@likewire/sdk/element';
import { createCommands, type Stage } from './commands.ts';
import { type Parameters, parseParameters } from './parameters.ts';
import { openParentPage, type ParentPage } from './parent-page.ts';

/** What a viewer reads while the stream is not there. */
const STATES: Readonly<Record<string, string>> = {
	waiting: 'No connection. Trying again …',
	closed: 'This viewer may not follow the video.',
};

/** Makes an element with attributes; a value is never HTML. */
function make<Tag extends keyof HTMLElementTagNameMap>(
	tag: Tag,
	attributes: Readonly<Record<string, string | undefined>>,
): HTMLElementTagNameMap[Tag] {
	const made = document.createElement(tag);
	for (const [name, value] of Object.entries(attributes)) if (value !== undefined) made.setAttribute(name, value);
	return made;
}

/** Adds the player, with the reactions inside of it so that they are on the full screen, and the comments. */
function buildStage(main: HTMLElement, { video, player: attributes, types, comments, token }: Parameters): Stage {
	const { lang, src } = attributes;
	const player = make('likewire-player', { id: 'player', video, ...attributes });
	if (token !== undefined) player.token = token;
	player.append(make('likewire-reactions', { types, lang }));
	main.append(player);
	if (comments) {
		main.classList.add('with-comments');
		main.append(make('likewire-comments', { for: 'player', lang }));
	}
	if (src !== undefined) return { player, media: player.media };
	// The poster alone, or a plain stage: nothing to control.
	player.media.controls = false;
	return { player, media: undefined };
}

/** Sends what happens in the player to the page around the embed. */
function report(stage: Stage, parent: ParentPage): void {
	const { player, media } = stage;
	for (const name of ['state', 'totals', 'like', 'comment', 'ended'] as const) {
		player.addEventListener(`likewire-${name}`, (event) => parent.send(name, (event as CustomEvent).detail));
	}
	player.addEventListener('likewire-error', (event) => {
		const { code, message } = (event as CustomEvent<{ error: Error & { code?: string } }>).detail.error;
		parent.send('error', { code: code ?? 'internal_error', message });
	});
	if (media === undefined) return;
	for (const [event, name] of Object.entries({ play: 'play', pause: 'pause', timeupdate: 'time' })) {
		media.addEventListener(event, () => parent.send(name, playback(media)));
	}
	media.addEventListener('error', () => {
		parent.send('error', { code: 'media_failed', message: media.error?.message || 'The video does not play.' });
	});
}

function playback({ currentTime, duration, paused, muted }: HTMLVideoElement) {
	return { time: currentTime, duration: Number.isFinite(duration) ? duration : null, paused, muted };
}

/** Shows the viewer what is wrong: with the address, the video or the connection. */
function explain({ player, media }: Stage, problems: readonly string[], main: HTMLElement, line: HTMLElement): void {
	let connection = '';
	let failure = '';
	const show = () => {
		const text = [...problems, failure, connection].filter((text) => text !== '').join(' ');
		if (line.textContent !== text) line.textContent = text;
	};
	player.addEventListener('likewire-state', (event) => {
		const { state } = (event as CustomEvent<{ state: string }>).detail;
		main.dataset.state = state;
		connection = STATES[state] ?? '';
		show();
	});
	media?.addEventListener('error', () => {
		failure = 'The video does not play.';
		show();
	});
	show();
}

function ready(player: LikewirePlayer, hasMedia: boolean) {
	const { live } = player;
	return {
		video: player.video,
		media: hasMedia,
		state: live?.client.state ?? 'connecting',
		totals: live?.totals ?? {},
	};
}

function start(main: HTMLElement, line: HTMLElement): void {
	const parameters = parseParameters(new URL(location.href));
	const stage = buildStage(main, parameters);
	const meta = document.querySelector<HTMLMetaElement>('meta[name="likewire-frame-ancestors"]');
	const parent = openParentPage(meta?.content.split(' ') ?? [], (command) => run(command));
	const greet = () => parent.send('ready', ready(stage.player, stage.media !== undefined));
	const run = createCommands(stage, (problem) => parent.send('error', problem), greet);
	report(stage, parent);
	explain(stage, parameters.problems, main, line);
	greet();
}

const main = document.querySelector('main');
const line = document.querySelector<HTMLElement>('.problem');
if (main && line) start(main, line);
