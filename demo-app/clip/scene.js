/*
 * The stage, painted for one moment of the loop. Every motion is a whole number of turns in the loop, so the last frame
 * leads into the first. Runs in a page; `make-clip.mjs` calls `paintFrame` for one frame after the other.
 */
const TURN = Math.PI * 2;
const WIDTH = 1280;
const HEIGHT = 720;
const DISC = { x: 560, y: 322, radius: 226 };
const FLOOR = 556;

/** A fixed sequence of numbers from 0 to 1, the same in every run. */
function sequence(seed) {
	let state = seed;
	return () => {
		state = (state * 1664525 + 1013904223) % 4294967296;
		return state / 4294967296;
	};
}

const wave = (t, turns, phase = 0) => Math.sin((t * turns + phase) * TURN);

/** The beat of the music: one at each beat, falling to zero before the next. */
const beat = (t, beats) => (1 - ((t * beats) % 1)) ** 2;

function gradient(context, x0, y0, x1, y1, stops) {
	const result = context.createLinearGradient(x0, y0, x1, y1);
	for (const [at, colour] of stops) result.addColorStop(at, colour);
	return result;
}

function glow(context, x, y, radius, colour) {
	const light = context.createRadialGradient(x, y, 0, x, y, radius);
	light.addColorStop(0, colour);
	light.addColorStop(1, 'rgba(0, 0, 0, 0)');
	context.fillStyle = light;
	context.fillRect(x - radius, y - radius, radius * 2, radius * 2);
}

function paintHall(context, t) {
	context.fillStyle = gradient(context, 0, 0, 0, HEIGHT, [
		[0, '#0a1024'],
		[0.5, '#1c1a3c'],
		[0.77, '#3a1c46'],
		[0.78, '#180f24'],
		[1, '#07060d'],
	]);
	context.fillRect(0, 0, WIDTH, HEIGHT);
	context.globalCompositeOperation = 'lighter';
	glow(context, DISC.x, DISC.y, 620, `rgba(255, 88, 92, ${0.3 + 0.05 * beat(t, 24)})`);
	glow(context, 120, 120, 520, `rgba(38, 120, 190, ${0.24 + 0.05 * wave(t, 2)})`);
	glow(context, 1180, 160, 560, `rgba(120, 60, 190, ${0.24 + 0.05 * wave(t, 2, 0.5)})`);
	context.globalCompositeOperation = 'source-over';
}

/** A light that swings at the truss and the haze that it shows. */
function paintBeam(context, { x, angle, reach, width, colour, strength }) {
	const [red, green, blue] = colour;
	const colourAt = (alpha) => `rgba(${red}, ${green}, ${blue}, ${alpha * strength})`;
	context.save();
	context.translate(x, 34);
	context.rotate(angle);
	for (const [share, alpha] of [
		[1.6, 0.1],
		[1, 0.16],
		[0.45, 0.22],
	]) {
		context.fillStyle = gradient(context, 0, 0, 0, reach, [
			[0, colourAt(alpha * 2)],
			[0.25, colourAt(alpha)],
			[1, colourAt(0)],
		]);
		context.beginPath();
		context.moveTo(-5 * share, 0);
		context.lineTo(5 * share, 0);
		context.lineTo(width * share, reach);
		context.lineTo(-width * share, reach);
		context.fill();
	}
	context.restore();
	glow(context, x, 36, 34, colourAt(0.9));
}

function paintBeams(context, t) {
	context.globalCompositeOperation = 'lighter';
	context.filter = 'blur(3px)';
	const colours = [
		[70, 180, 255],
		[255, 96, 120],
		[255, 176, 92],
		[150, 110, 255],
	];
	for (let i = 0; i < 10; i++) {
		const x = 64 + i * 128;
		const side = (i - 4.5) / 4.5;
		paintBeam(context, {
			x,
			angle: -side * 0.2 + 0.34 * wave(t, i % 2 ? 2 : 3, i * 0.13) * (i % 2 ? 1 : -1),
			reach: 640,
			width: 56,
			colour: colours[i % colours.length],
			strength: 0.62 + 0.28 * wave(t, 6, i * 0.21),
		});
	}
	context.filter = 'none';
	context.globalCompositeOperation = 'source-over';
}

function paintTruss(context) {
	context.fillStyle = '#05060d';
	context.fillRect(0, 0, WIDTH, 22);
	context.strokeStyle = '#05060d';
	context.lineWidth = 3;
	context.beginPath();
	for (let x = -20; x < WIDTH + 20; x += 32) {
		context.moveTo(x, 22);
		context.lineTo(x + 16, 36);
		context.lineTo(x + 32, 22);
	}
	context.stroke();
	context.fillRect(0, 35, WIDTH, 4);
}

/** The screen behind the singer: a low sun, and wires that carry the song across it. */
function paintDisc(context, t) {
	const { x, y, radius } = DISC;
	context.save();
	context.beginPath();
	context.arc(x, y, radius, 0, TURN);
	context.fillStyle = gradient(context, 0, y - radius, 0, y + radius, [
		[0, '#ffd08a'],
		[0.38, '#ff8a5c'],
		[0.7, '#f0365f'],
		[1, '#9b1d63'],
	]);
	context.fill();
	context.clip();
	for (let line = 0; line < 22; line++) {
		const at = y - radius + 14 + line * 20.5;
		const loud = 0.45 + 0.55 * (line / 21);
		context.strokeStyle = `rgba(70, 8, 52, ${0.14 + 0.5 * (line / 21) ** 1.6})`;
		context.lineWidth = 2 + 3.2 * (line / 21);
		context.beginPath();
		for (let px = x - radius; px <= x + radius; px += 6) {
			const u = (px - x) / radius;
			const envelope = Math.exp(-5 * u * u) * loud;
			const lift =
				wave(t, 6, u * 1.7 + line * 0.07) * 11 +
				wave(t, 9, -u * 3.1 + line * 0.11) * 6 +
				beat(t, 24) * 9 * wave(t, 3, line * 0.19);
			context.lineTo(px, at + lift * envelope);
		}
		context.stroke();
	}
	context.restore();
	context.strokeStyle = 'rgba(255, 236, 214, .8)';
	context.lineWidth = 3;
	context.beginPath();
	context.arc(x, y, radius, 0, TURN);
	context.stroke();
}

function paintStage(context, t) {
	context.fillStyle = gradient(context, 0, FLOOR, 0, HEIGHT, [
		[0, '#2a1730'],
		[0.2, '#150d1e'],
		[1, '#06050b'],
	]);
	context.fillRect(0, FLOOR, WIDTH, HEIGHT - FLOOR);
	context.globalCompositeOperation = 'lighter';
	context.save();
	context.translate(DISC.x, FLOOR + 18);
	context.scale(1, 0.11);
	glow(context, 0, 0, 430, `rgba(255, 110, 100, ${0.5 + 0.12 * beat(t, 24)})`);
	context.restore();
	context.globalCompositeOperation = 'source-over';
	context.fillStyle = 'rgba(255, 190, 150, .5)';
	context.fillRect(0, FLOOR, WIDTH, 1.5);
	for (const [x, height] of [
		[96, 190],
		[1030, 190],
	]) {
		context.fillStyle = '#08070f';
		context.fillRect(x, FLOOR - height, 120, height);
		context.strokeStyle = '#17132a';
		context.lineWidth = 4;
		for (let row = 0; row < 3; row++) {
			context.beginPath();
			context.arc(x + 60, FLOOR - height + 34 + row * 61, 22 + 1.5 * beat(t, 24), 0, TURN);
			context.stroke();
		}
	}
}

function limb(context, width, ...points) {
	context.lineWidth = width;
	context.beginPath();
	for (const [x, y] of points) context.lineTo(x, y);
	context.stroke();
}

/** A singer in a long dress that swings with the song, one arm in the air. */
function paintSinger(context, t) {
	const sway = wave(t, 6);
	const hem = wave(t, 6, -0.12) * 13;
	const reach = wave(t, 3) * 0.5 + 0.5;
	context.save();
	context.translate(DISC.x + sway * 4, FLOOR + 12 - Math.abs(wave(t, 12)) * 3);
	context.strokeStyle = context.fillStyle = '#0c0613';
	context.lineCap = context.lineJoin = 'round';

	context.beginPath();
	context.moveTo(-13, -150);
	context.bezierCurveTo(-26, -96, -34 + hem * 0.4, -44, -66 + hem, 0);
	context.quadraticCurveTo(hem, 11, 62 + hem, 0);
	context.bezierCurveTo(36 + hem * 0.4, -48, 27, -96, 13, -150);
	context.fill();

	// She bends at the waist.
	context.translate(0, -148);
	context.rotate(sway * 0.07);
	context.translate(0, 148);
	context.beginPath();
	context.ellipse(0, -148, 14, 9, 0, 0, TURN);
	context.fill();
	context.beginPath();
	context.moveTo(-14, -144);
	context.bezierCurveTo(-12, -164, -25, -182, -25, -204);
	context.bezierCurveTo(-20, -213, -9, -213, -6, -222);
	context.lineTo(6, -222);
	context.bezierCurveTo(9, -213, 20, -213, 25, -204);
	context.bezierCurveTo(25, -182, 12, -164, 14, -144);
	context.fill();

	context.beginPath();
	context.ellipse(2, -237, 14.5, 18.5, 0.12, 0, TURN);
	context.fill();
	context.beginPath();
	context.ellipse(-3, -243, 17, 16.5, -0.35, 0, TURN);
	context.fill();
	context.beginPath();
	context.moveTo(-12, -254);
	context.bezierCurveTo(-40, -252, -34 - sway * 6, -214, -44 - sway * 10, -192);
	context.bezierCurveTo(-30 - sway * 6, -206, -20, -218, -8, -234);
	context.fill();

	limb(context, 11, [-20, -203], [-44, -222 - 12 * reach]);
	limb(context, 9.5, [-44, -222 - 12 * reach], [-56 - 8 * reach, -268 - 28 * reach]);
	limb(context, 6, [-56 - 8 * reach, -268 - 28 * reach], [-55 - 9 * reach, -281 - 28 * reach]);
	limb(context, 11, [20, -203], [39, -178]);
	limb(context, 9.5, [39, -178], [22, -217]);
	limb(context, 7, [27, -212], [15, -226]);
	context.restore();
}

/** The people in front, from the back row to the front, each with an own rhythm and some with a hand up. */
function paintCrowd(context, t) {
	context.lineCap = context.lineJoin = 'round';
	const rows = [
		{ y: 622, size: 20, count: 36, colour: '#2b1634', rim: 'rgba(255, 142, 116, .6)', seed: 7 },
		{ y: 660, size: 27, count: 27, colour: '#1a0e24', rim: 'rgba(255, 124, 112, .45)', seed: 21 },
		{ y: 712, size: 37, count: 19, colour: '#0b0711', rim: 'rgba(150, 120, 210, .34)', seed: 46 },
	];
	for (const { y, size, count, colour, rim, seed } of rows) {
		const random = sequence(seed);
		for (let i = 0; i < count; i++) {
			const x = ((i + random() * 0.7) / (count - 1)) * (WIDTH + 60) - 40;
			const lift = random() * size * 0.9;
			const phase = random() * 0.16;
			const bob = Math.abs(wave(t, 12, phase)) * size * 0.2;
			const raised = random();
			const lean = wave(t, 6, phase + random()) * size * 0.12;
			const top = y - lift - bob;
			context.save();
			context.translate(x + lean, top);
			context.fillStyle = context.strokeStyle = colour;
			context.beginPath();
			context.moveTo(-size * 1.2, size * 6);
			context.bezierCurveTo(-size * 1.3, size * 1.1, -size * 0.9, size * 0.95, -size * 0.3, size * 0.75);
			context.lineTo(size * 0.3, size * 0.75);
			context.bezierCurveTo(size * 0.9, size * 0.95, size * 1.3, size * 1.1, size * 1.2, size * 6);
			context.fill();
			context.fillRect(-size * 0.28, 0, size * 0.56, size);
			context.beginPath();
			context.ellipse(0, 0, size * 0.56, size * 0.7, 0, 0, TURN);
			context.fill();
			context.strokeStyle = rim;
			context.lineWidth = size * 0.07;
			context.beginPath();
			context.ellipse(0, 0, size * 0.56, size * 0.7, 0, Math.PI * 1.12, Math.PI * 1.88);
			context.stroke();
			context.beginPath();
			context.moveTo(-size * 1.12, size * 1.5);
			context.bezierCurveTo(-size * 1, size * 1.1, -size * 0.8, size * 0.93, -size * 0.34, size * 0.78);
			context.moveTo(size * 0.34, size * 0.78);
			context.bezierCurveTo(size * 0.8, size * 0.93, size * 1, size * 1.1, size * 1.12, size * 1.5);
			context.stroke();
			if (raised > 0.55) {
				const side = raised > 0.78 ? 1 : -1;
				const swing = wave(t, 6, phase) * size * 0.34;
				context.strokeStyle = colour;
				const elbow = [side * size * 1.2, size * 0.2];
				const hand = [side * size * 0.85 + swing, -size * (0.8 + raised * 0.7)];
				limb(context, size * 0.46, [side * size * 0.95, size * 1.4], elbow);
				limb(context, size * 0.38, elbow, hand);
				limb(context, size * 0.3, hand, [hand[0] + swing * 0.1, hand[1] - size * 0.3]);
			}
			context.restore();
		}
	}
}

/** Bits of paper that fall through the light, each a whole number of times in the loop. */
function paintConfetti(context, t) {
	const random = sequence(90);
	const colours = ['#ffd9a0', '#ff8f8f', '#9fd4ff', '#ffffff'];
	for (let i = 0; i < 70; i++) {
		const start = random();
		const x = random() * WIDTH + wave(t, 2, random()) * 26;
		const y = ((start + t) % 1) * (FLOOR + 90) - 40;
		const size = 2.5 + random() * 3.5;
		context.save();
		context.translate(x, y);
		context.rotate(random() * TURN + wave(t, 3, random()));
		context.scale(1, 0.25 + 0.75 * Math.abs(wave(t, 4, random())));
		context.globalAlpha = 0.75 * Math.min(1, Math.max(0, (FLOOR + 30 - y) / 130));
		context.fillStyle = colours[i % colours.length];
		context.fillRect(-size, -size / 2, size * 2, size);
		context.restore();
	}
}

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
