/** Draws the likes of each second as a line across the canvas. */
export function drawRateChart(canvas: HTMLCanvasElement, rates: readonly number[]): void {
	const context = canvas.getContext('2d');
	const width = canvas.clientWidth;
	const height = canvas.clientHeight;
	if (!context || width === 0 || height === 0) return;
	const pixelRatio = Math.min(devicePixelRatio, 2);
	canvas.width = Math.round(width * pixelRatio);
	canvas.height = Math.round(height * pixelRatio);
	context.scale(pixelRatio, pixelRatio);

	const colour = getComputedStyle(canvas).color;
	const dot = 4;
	const base = height - dot - 1;
	const right = width - dot - 1;
	// The least scale, so that a few likes do not fill the chart.
	const most = Math.max(6, ...rates);
	const x = (index: number) => (index / (rates.length - 1)) * right;
	const y = (index: number) => base - ((rates[index] ?? 0) / most) * (base - dot - 2);

	context.beginPath();
	context.moveTo(0, y(0));
	for (let i = 1; i < rates.length; i++) {
		const middle = (x(i - 1) + x(i)) / 2;
		context.bezierCurveTo(middle, y(i - 1), middle, y(i), x(i), y(i));
	}
	context.strokeStyle = colour;
	context.lineWidth = 2;
	context.lineJoin = 'round';
	context.stroke();

	context.lineTo(right, height);
	context.lineTo(0, height);
	const below = context.createLinearGradient(0, 0, 0, height);
	below.addColorStop(0, colour);
	below.addColorStop(1, 'transparent');
	context.fillStyle = below;
	context.globalAlpha = 0.16;
	context.fill();

	context.globalAlpha = 1;
	context.fillStyle = colour;
	context.beginPath();
	context.arc(right, y(rates.length - 1), dot, 0, Math.PI * 2);
	context.fill();
}
