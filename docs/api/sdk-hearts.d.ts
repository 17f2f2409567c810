declare function createHearts(canvas: HTMLCanvasElement, options?: HeartsOptions): Hearts;
declare function paintReaction(context: CanvasRenderingContext2D, type: string, size: number, painter?: ReactionPainter): void;
export type { Burst, Hearts, HeartsOptions, ReactionPainter };
export { createHearts, paintReaction };
interface Burst {
    readonly type?: string;
    readonly count?: number;
    readonly own?: boolean;
    readonly from?: {
        readonly x: number;
        readonly y: number;
    };
}
interface Hearts {
    burst(burst?: Burst): void;
    stop(): void;
}
interface HeartsOptions {
    readonly origin?: {
        readonly x: number;
        readonly y: number;
    };
    readonly maxParticles?: number;
    readonly reactions?: Readonly<Record<string, ReactionPainter>>;
    readonly random?: () => number;
}
type ReactionPainter = (context: CanvasRenderingContext2D) => void;
