/** The part of React Native that this package uses. The package itself and its types have 100 MB. */
declare module 'react-native' {
	import type { ComponentType, ReactNode } from 'react';

	interface ViewProps {
		readonly style?: unknown;
		readonly children?: ReactNode;
		readonly pointerEvents?: 'none';
		readonly accessibilityElementsHidden?: boolean;
		readonly importantForAccessibility?: 'no-hide-descendants';
		readonly onLayout?: (event: { nativeEvent: { layout: { width: number; height: number } } }) => void;
	}

	export const View: ComponentType<ViewProps>;
	export const Text: ComponentType<{
		readonly style?: unknown;
		readonly children?: ReactNode;
		readonly allowFontScaling?: boolean;
	}>;

	export namespace Animated {
		class Value {
			constructor(value: number);
			interpolate(config: { inputRange: number[]; outputRange: number[] | string[] }): unknown;
		}
		const View: ComponentType<ViewProps>;
		function timing(
			value: Value,
			config: {
				toValue: number;
				duration: number;
				delay: number;
				easing: (value: number) => number;
				useNativeDriver: boolean;
			},
		): { start(onEnd: (result: { finished: boolean }) => void): void; stop(): void };
	}

	export const Easing: { linear(value: number): number };

	export const AppState: { readonly currentState: string | null };

	export const AccessibilityInfo: {
		isReduceMotionEnabled(): Promise<boolean>;
		addEventListener(type: 'reduceMotionChanged', listener: (isOn: boolean) => void): { remove(): void };
	};
}
