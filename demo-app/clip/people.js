import { DISC, FLOOR, limb, sequence, TURN, WIDTH, wave } from './brush.js';

/** Paints a singer in a long dress that swings with the song, with one arm in the air. */
export function paintSinger(context, t) {
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

/** Paints the crowd from the back row to the front, each person with a different rhythm, and some with a hand up. */
export function paintCrowd(context, t) {
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
