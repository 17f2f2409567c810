import {
	createElement,
	type ForwardRefExoticComponent,
	forwardRef,
	type ReactNode,
	type RefAttributes,
	useEffect,
	useImperativeHandle,
	useMemo,
	useReducer,
	useRef,
} from 'react';
import { AccessibilityInfo, Animated, AppState, Easing, Text, View } from 'react-native';
import { birthOf, createLikeRate, planBurst, scaleOf } from '../hearts/burst-plan.ts';
import { capacityOf } from '../hearts/canvas-budget.ts';
import { createParticle, type Field, fieldOf, launch } from '../hearts/particle.ts';
import type { Burst } from '../hearts/renderer.ts';
import { type Flight, flightOf } from './flight.ts';

/** Returns the drawing of a reaction type, a square of this edge. */
export type ReactionDrawing = (size: number) => ReactNode;

/** The properties of {@link Hearts}. All are optional. */
export interface HeartsProps {
	/** Where reactions rise from, as shares of the view: 0, 0 is its top left corner. Default 0.88, 1. */
	readonly origin?: { readonly x: number; readonly y: number } | undefined;
	/**
	 * The most reactions that float at a time: each is a view of its own.
	 * Default 60; a small view shows fewer.
	 */
	readonly maxParticles?: number | undefined;
	/** Drawings of your own reaction types, or replacements of the built-in emoji. */
	readonly reactions?: Readonly<Record<string, ReactionDrawing>> | undefined;
	/** A source of numbers from 0 to 1. Default `Math.random`. */
	readonly random?: (() => number) | undefined;
	/** The style of the view around them. Default: it covers its parent. */
	readonly style?: unknown;
}

/** What a `ref` of {@link Hearts} holds. */
export interface HeartsHandle {
	/**
	 * Lets likes float up. Does nothing in the background.
	 * Particles that pile up would be old when the app returns.
	 */
	burst(burst?: Burst): void;
}

const DEFAULT_ORIGIN = { x: 0.88, y: 1 };

const EMOJI: Readonly<Record<string, string>> = { heart: '❤️', like: '👍', clap: '👏', laugh: '😂', wow: '😮' };

const COVER = { position: 'absolute', top: 0, right: 0, bottom: 0, left: 0, overflow: 'hidden' };

function drawEmoji(type: string, size: number): ReactNode {
	const style = { fontSize: size * 0.8, lineHeight: size, width: size, textAlign: 'center' };
	return createElement(
		Text,
		{ style, allowFontScaling: false },
		Object.hasOwn(EMOJI, type) ? EMOJI[type] : EMOJI.heart,
	);
}

interface Flyer {
	readonly type: string;
	readonly flight: Flight;
}

/**
 * Floating reactions, laid over a video.
 * They fly without JavaScript at each frame (Animated, native driver) and let touches through. If the phone is set to
 * less motion, they fade in and out in place.
 *
 * @example
 * const hearts = useRef<HeartsHandle>(null);
 * useVideoEvent('v1', 'likes', ({ delta, own }) => {
 *   for (const [type, count] of Object.entries(delta)) hearts.current?.burst({ type, count: count - (own[type] ?? 0) });
 * });
 * return <Hearts ref={hearts} />;
 */
export const Hearts: ForwardRefExoticComponent<HeartsProps & RefAttributes<HeartsHandle>> = forwardRef<
	HeartsHandle,
	HeartsProps
>(function Hearts({ origin = DEFAULT_ORIGIN, maxParticles = 60, reactions, random = Math.random, style }, ref) {
	const [, draw] = useReducer((count: number) => count + 1, 0);
	/** By key, the oldest first. */
	const flyers = useMemo(() => new Map<number, Flyer>(), []);
	const rate = useMemo(createLikeRate, []);
	const nextKey = useRef(0);
	const size = useRef({ width: 0, height: 0 });
	const lessMotion = useLessMotion();

	useImperativeHandle(
		ref,
		() => ({
			burst({ type = 'heart', count = 1, own = false, from } = {}) {
				const { width, height } = size.current;
				if (width === 0 || height === 0 || AppState.currentState === 'background') return;
				const calm = lessMotion.current;
				const capacity = capacityOf(width, height, maxParticles, calm);
				const now = Date.now();
				const recent = rate.add(count, now);
				const free = Math.max(0, capacity - flyers.size);
				const plan = planBurst({ count, recent, own, capacity, free }, random);
				const field: Field = { ...fieldOf(width, height, origin), ...from };
				for (let index = 0; index < plan.particles; index++) {
					// The user's own tap is shown under any load.
					if (flyers.size >= capacity) flyers.delete(flyers.keys().next().value as number);
					const particle = createParticle();
					const bornAt = now + birthOf(plan, index, random);
					launch(particle, { type, bornAt, scale: scaleOf(plan, random), calm }, field, random);
					flyers.set(nextKey.current++, { type, flight: flightOf(particle, now) });
				}
				if (plan.particles > 0) draw();
			},
		}),
		[flyers, lessMotion, maxParticles, origin.x, origin.y, random, rate],
	);

	const views = [...flyers].map(([key, { type, flight }]) =>
		createElement(FlyingView, {
			key,
			flight,
			drawing:
				reactions !== undefined && Object.hasOwn(reactions, type)
					? reactions[type]?.(flight.size)
					: drawEmoji(type, flight.size),
			onEnd() {
				if (flyers.delete(key)) draw();
			},
		}),
	);
	return createElement(
		View,
		{
			style: style ?? COVER,
			pointerEvents: 'none',
			accessibilityElementsHidden: true,
			importantForAccessibility: 'no-hide-descendants',
			onLayout({ nativeEvent: { layout } }) {
				size.current = layout;
			},
		},
		views,
	);
});

/** Returns a reference to whether the phone is set to less motion. */
function useLessMotion(): { readonly current: boolean } {
	const isOn = useRef(false);
	useEffect(() => {
		let isMounted = true;
		const change = (value: boolean) => {
			if (isMounted) isOn.current = value;
		};
		AccessibilityInfo.isReduceMotionEnabled().then(change, () => {});
		const subscription = AccessibilityInfo.addEventListener('reduceMotionChanged', change);
		return () => {
			isMounted = false;
			subscription.remove();
		};
	}, []);
	return isOn;
}

interface FlyingViewProps {
	readonly flight: Flight;
	readonly drawing: ReactNode;
	readonly onEnd: () => void;
}

function FlyingView({ flight, drawing, onEnd }: FlyingViewProps): ReactNode {
	const progress = useMemo(() => new Animated.Value(0), []);
	const style = useMemo(() => {
		const by = (outputRange: readonly number[] | readonly string[]) =>
			progress.interpolate({ inputRange: [...flight.progress], outputRange: [...outputRange] as number[] | string[] });
		return {
			position: 'absolute',
			left: -flight.size / 2,
			top: -flight.size / 2,
			opacity: by(flight.opacity),
			transform: [
				{ translateX: by(flight.x) },
				{ translateY: by(flight.y) },
				{ rotate: by(flight.rotation) },
				{ scale: by(flight.scale) },
			],
		};
	}, [flight, progress]);
	useEffect(() => {
		const animation = Animated.timing(progress, {
			toValue: 1,
			duration: flight.lifeMs,
			delay: flight.delayMs,
			easing: Easing.linear,
			useNativeDriver: true,
		});
		animation.start(({ finished }) => {
			if (finished) onEnd();
		});
		return () => animation.stop();
	}, [flight, progress]);
	return createElement(Animated.View, { style }, drawing);
}
