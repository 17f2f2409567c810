import { beat, DISC, FLOOR, glow, gradient, HEIGHT, sequence, TURN, WIDTH, wave } from './brush.js';

export function paintHall(context, t) {
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

/** Paints a swinging light at the truss with its haze. */
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

export function paintBeams(context, t) {
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

export function paintTruss(context) {
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

/** Paints the screen behind the singer: a low sun with waves. */
export function paintDisc(context, t) {
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

export function paintStage(context, t) {
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

/** Paints falling confetti, each piece with a whole number of falls in the loop. */
export function paintConfetti(context, t) {
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
