/**
 * The little of others' packages that the workers use. Their own types would
 * bring those of a whole framework with them.
 */

/** @vladmandic/face-api 1.7.15, bound to the parts of TensorFlow.js that tools/dist/faces.go gives it. */
declare module 'face-api' {
	interface Tensor {
		dispose(): void;
	}
	interface Detection {
		readonly score: number;
		/** In parts of the picture's width and height. */
		readonly relativeBox: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
	}
	export const tf: {
		setBackend(name: string): Promise<boolean>;
		setWasmPaths(folder: string): void;
		readonly browser: { fromPixels(pixels: ImageData): Tensor };
	};
	export const env: { setEnv(environment: Readonly<Record<string, unknown>>): void };
	export class TinyFaceDetector {
		loadFromUri(folder: string): Promise<void>;
		locateFaces(picture: Tensor, options: TinyFaceDetectorOptions): Promise<Detection[]>;
	}
	export class TinyFaceDetectorOptions {
		constructor(options: { readonly inputSize: number; readonly scoreThreshold: number });
	}
}
