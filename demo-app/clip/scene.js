/*
 * Paints one moment of the looped video. Every motion has a whole number of turns in the loop, so the last frame leads into
 * the first. Runs in a page, where `make-clip.mjs` calls `paintFrame` for each frame.
 */
import { HEIGHT, WIDTH } from './brush.js';
import { paintCrowd, paintSinger } from './people.js';
import { paintBeams, paintConfetti, paintDisc, paintHall, paintStage, paintTruss } from './stage.js';

/** Paints the moment `t` of the loop, from 0 to 1. */
globalThis.paintFrame = (canvas, t) => {
	canvas.width = WIDTH;
	canvas.height = HEIGHT;
	const context = canvas.getContext('2d');
	paintHall(context, t);
	paintDisc(context, t);
	paintBeams(context, t);
	paintTruss(context);
	paintStage(context, t);
	paintSinger(context, t);
	paintConfetti(context, t);
	paintCrowd(context, t);
};
