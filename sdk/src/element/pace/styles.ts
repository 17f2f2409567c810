/**
 * The styles of a replay.
 * The heat line and its marks run from left to right in each language, as the seek bars of browsers do.
 */
export const STYLES = `
[part=replay] {
	position: absolute;
	inset: auto var(--likewire-seek-inset, 16px) var(--likewire-controls-height, 78px);
	height: var(--likewire-heat-height, 36px);
	direction: ltr;
	pointer-events: none;
	transition: opacity .2s;
}
[part=stage]:not(:hover, :focus-within) > .playing[part=replay] { opacity: 0; }
[part=heat] { display: block; width: 100%; height: 100%; fill: var(--likewire-heat, #ff5277); stroke: none; opacity: .8; }
[part=highlight] {
	position: absolute;
	bottom: -19px;
	width: 24px;
	height: 24px;
	margin-inline-start: -12px;
	padding: 0;
	border: 0;
	background: none;
	color: #fff;
	pointer-events: auto;
}
[part=highlight]::before {
	content: '';
	position: absolute;
	inset: 7px;
	border: 2px solid #fff;
	border-radius: 50%;
	background: var(--likewire-heat, #ff5277);
}
[part=highlight] > span {
	position: absolute;
	bottom: 26px;
	left: 0;
	padding: 2px 8px;
	border-radius: 6px;
	background: rgb(0 0 0 / 80%);
	font-size: 13px;
	font-variant-numeric: tabular-nums;
	white-space: nowrap;
	visibility: hidden;
}
[part=highlight].late > span { left: auto; right: 0; }
[part=highlight]:is(:hover, :focus-visible) > span { visibility: visible; }
[part=highlight]:focus-visible { outline-color: #fff; border-radius: 50%; box-shadow: 0 0 0 6px #000; }
@media (prefers-reduced-motion: reduce) { [part=replay] { transition: none; } }
@media (forced-colors: active) {
	[part=heat] { fill: CanvasText; }
	[part=highlight]::before { background: Highlight; border-color: CanvasText; }
}
`;
