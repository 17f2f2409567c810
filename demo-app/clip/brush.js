/* Shared by the parts of the scene: measures, rhythm, and basic shapes. */
export const TURN = Math.PI * 2;
export const WIDTH = 1280;
export const HEIGHT = 720;
export const DISC = { x: 560, y: 322, radius: 226 };
export const FLOOR = 556;

/** Returns a generator of numbers from 0 to 1 with the same sequence in every run. */
export function sequence(seed) {
	let state = seed;
	return () => {
		state = (state * 1664525 + 1013904223) % 4294967296;
		return state / 4294967296;
	};
}

export const wave = (t, turns, phase = 0) => Math.sin((t * turns + phase) * TURN);

/** Returns the beat of the music: 1 at each beat, falling to 0 before the next. */
export const beat = (t, beats) => (1 - ((t * beats) % 1)) ** 2;

export function gradient(context, x0, y0, x1, y1, stops) {
	const result = context.createLinearGradient(x0, y0, x1, y1);
	for (const [at, colour] of stops) result.addColorStop(at, colour);
	return result;
}

export function glow(context, x, y, radius, colour) {
	const light = context.createRadialGradient(x, y, 0, x, y, radius);
	light.addColorStop(0, colour);
	light.addColorStop(1, 'rgba(0, 0, 0, 0)');
	context.fillStyle = light;
	context.fillRect(x - radius, y - radius, radius * 2, radius * 2);
}

export function limb(context, width, ...points) {
	context.lineWidth = width;
	context.beginPath();
	for (const [x, y] of points) context.lineTo(x, y);
	context.stroke();
}
