/** Draws a reaction into the box from (0, 0) to (24, 24). */
export type ReactionPainter = (context: CanvasRenderingContext2D) => void;

const HEART =
	'M12 21.3C5.3 16 2 12.3 2 8.3 2 5.2 4.3 2.9 7.2 2.9c1.9 0 3.7 1 4.8 2.7 1.1-1.7 2.9-2.7 4.8-2.7C19.7 2.9 22 5.2 22 8.3c0 4-3.3 7.7-10 13Z';
const THUMB =
	'M8.5 11.1v6.9H7a1 1 0 0 1-1-1v-4.9a1 1 0 0 1 1-1Zm1.1 6.7v-6.9l2.5-4.8c.2-.4.5-.6.9-.6 1.1 0 1.8 1 1.5 2l-.7 2.7h3.3c1 0 1.8.9 1.6 1.9l-.9 4.7c-.2.8-.9 1.4-1.7 1.4h-5c-.6 0-1.1-.1-1.5-.4Z';
const INK = '#5a2d0c';
const WHITE = '#fff';

function vertical(context: CanvasRenderingContext2D, top: string, bottom: string): CanvasGradient {
	const gradient = context.createLinearGradient(0, 2, 0, 22);
	gradient.addColorStop(0, top);
	gradient.addColorStop(1, bottom);
	return gradient;
}

function fill(context: CanvasRenderingContext2D, style: string | CanvasGradient, path: string): void {
	context.fillStyle = style;
	context.fill(new Path2D(path));
}

function stroke(context: CanvasRenderingContext2D, style: string, lineWidth: number, path: string): void {
	context.strokeStyle = style;
	context.lineWidth = lineWidth;
	context.stroke(new Path2D(path));
}

const heart =
	(top: string, bottom: string): ReactionPainter =>
	(context) => {
		fill(context, vertical(context, top, bottom), HEART);
		stroke(context, 'rgba(255,255,255,.55)', 1.5, 'M4.9 8.6c0-1.6 1-2.8 2.4-2.9');
	};

const disc = (context: CanvasRenderingContext2D, top: string, bottom: string) =>
	fill(context, vertical(context, top, bottom), 'M1.5 12a10.5 10.5 0 0 1 21 0 10.5 10.5 0 0 1-21 0Z');

const face = (context: CanvasRenderingContext2D) => disc(context, '#ffe27a', '#ffb02e');

/** Draws a hand that points up, fingers closed; `grow` widens its outline. */
function hand(context: CanvasRenderingContext2D, style: string, grow: number): void {
	stroke(context, style, 1.66 + grow, 'M-2.85 2v-6.6M-.95 2v-8.2M.95 2v-8M2.85 2v-6.2M-2.6 4.4-5.3.6');
	stroke(context, style, grow, 'M-3.8 0h7.6v3a3.8 3.8 0 0 1-7.6 0Z');
	fill(context, style, 'M-3.8 0h7.6v3a3.8 3.8 0 0 1-7.6 0Z');
}

/**
 * The default reactions of a gateway.
 * Drawn as paths: the look of an emoji depends on the platform, if it has one.
 */
const REACTIONS: Readonly<Record<string, ReactionPainter>> = {
	heart: heart('#ff6a8b', '#e8174b'),
	like(context) {
		disc(context, '#56adff', '#1a66e8');
		fill(context, WHITE, THUMB);
	},
	clap(context) {
		disc(context, '#45d69b', '#0d9a68');
		context.save();
		context.translate(14.1, 13.4);
		context.rotate(0.12);
		hand(context, '#b6f0d8', 0);
		context.restore();
		context.save();
		context.translate(11, 14.2);
		context.rotate(-0.5);
		hand(context, '#1ba877', 1.3);
		hand(context, WHITE, 0);
		context.restore();
		stroke(context, WHITE, 1, 'M10.7 3.9l.3 1.5M7.7 4.8l.9 1.2M13.8 3.8l-.3 1.5');
	},
	laugh(context) {
		face(context);
		stroke(context, INK, 1.5, 'M5.7 10.3q1.9-2.9 3.8 0M14.5 10.3q1.9-2.9 3.8 0');
		fill(context, INK, 'M6 13.1h12c0 4-2.7 6.4-6 6.4s-6-2.4-6-6.4Z');
		fill(context, '#ff5d6c', 'M8.3 18.1c.9-1.2 2.2-1.8 3.7-1.8s2.8.6 3.7 1.8c-1 .9-2.3 1.4-3.7 1.4s-2.7-.5-3.7-1.4Z');
		fill(context, WHITE, 'M7.5 13.1h9l-.4 1.7H7.9Z');
	},
	wow(context) {
		face(context);
		stroke(context, INK, 1.2, 'M6.4 6.6q1.6-1.7 3.4-.9M17.6 6.6q-1.6-1.7-3.4-.9');
		fill(context, INK, 'M7 10.3a1.5 1.9 0 0 1 3 0 1.5 1.9 0 0 1-3 0ZM14 10.3a1.5 1.9 0 0 1 3 0 1.5 1.9 0 0 1-3 0Z');
		fill(context, INK, 'M9.2 16.4a2.8 3.4 0 0 1 5.6 0 2.8 3.4 0 0 1-5.6 0Z');
	},
};

/** Returns the painter of a type: the given one, the built-in one, or a heart in its own colour. */
export function painterOf(type: string, own: Readonly<Record<string, ReactionPainter>> = {}): ReactionPainter {
	const painter = Object.hasOwn(own, type) ? own[type] : Object.hasOwn(REACTIONS, type) ? REACTIONS[type] : undefined;
	if (painter) return painter;
	let hue = 0;
	for (const character of type) hue = (hue * 31 + (character.codePointAt(0) ?? 0)) % 360;
	return heart(`hsl(${hue} 90% 70%)`, `hsl(${hue} 80% 48%)`);
}

/**
 * Draws a reaction as a square of `size` at the context's origin.
 * A button with it matches the floating reaction.
 */
export function paintReaction(
	context: CanvasRenderingContext2D,
	type: string,
	size: number,
	painter: ReactionPainter = painterOf(type),
): void {
	context.save();
	context.scale(size / 24, size / 24);
	context.lineCap = 'round';
	context.lineJoin = 'round';
	painter(context);
	context.restore();
}
