/** What the engine or the converter refused, in its words. */
export class FoveaError extends Error {
    /** The id of the check that refused, as "B-017", or "". */
    readonly check: string;
}

export interface Input {
    name: string;
    /** Without the batch, as [height, width, channels]. */
    shape: number[];
    /** Numbers in it. */
    count: number;
    /** How pictures are prepared; "" where the input takes none. */
    resize: string;
    fit: string;
    colour: string;
    /** "open": nobody said how pixels were scaled in training, and pictures are refused. */
    recipe: 'stated' | 'assumed' | 'open' | '';
}
export interface Output {
    name: string;
    shape: number[];
    count: number;
    labels: string[];
}
export interface Layer {
    name: string;
    op: string;
    shape: number[];
    macs: number;
    weights: number;
    type: string;
    way: string;
    kernel: string;
}
export interface Class {
    index: number;
    label: string | null;
    probability: number;
}

/** How photos were prepared in training, and what else `fovea convert` takes; see its help for the words. */
export interface ConvertOptions {
    labels?: string[];
    preprocess?: string;
    resize?: string;
    fit?: string;
    colour?: string;
    scale?: number;
    mean?: number | number[];
    std?: number | number[];
    weights?: 'f32' | 'f16';
    threshold?: number;
    inputShape?: number[];
    /** The file's name, kept in the model. */
    source?: string;
    /** The model's JSON, for files of weights alone. */
    config?: string | Uint8Array;
    /** false keeps every layer as it is. */
    fold?: boolean;
}
export interface Conversion {
    model: Uint8Array;
    /** What was assumed, or is open: a sentence each. */
    said: string[];
}

/** The bytes of a JPEG, PNG, BMP, PGM or PPM file, or pixels. */
export type Picture =
    | Uint8Array | ArrayBuffer | Blob
    | ImageData | ImageBitmap | HTMLImageElement | HTMLCanvasElement | OffscreenCanvas | HTMLVideoElement;

/** A model in use. close() frees its memory. */
export class Model {
    readonly inputs: Input[];
    readonly outputs: Output[];
    readonly layers: Layer[];
    /** Where the model came from: "source", "keras", "converter", ... */
    readonly notes: Record<string, string>;
    /** Bytes of the model, and bytes it takes to run. */
    readonly size: number;
    readonly memory: number;
    /** The instruction set of its kernels: "wasm-relaxed" where the browser multiplies and adds in one step, "wasm", or
     * "ref" without SIMD. */
    readonly isa: string;
    /** One array for each input (one alone may stand by itself), all its numbers in NHWC order. */
    predict(inputs: ArrayLike<number> | ArrayLike<number>[]): Float32Array[];
    /** The best classes of the first output. */
    classify(picture: Picture, options?: { top?: number }): Promise<Class[]>;
    close(): void;
}

export const Fovea: {
    /** Whether this browser has SIMD; without it everything works, several times slower. */
    readonly simd: boolean;
    readonly version: string;
    /** Converts the bytes of a Keras file; rejects with a FoveaError that names layer and reason. */
    convert(keras: Uint8Array | ArrayBuffer | Blob, options?: ConvertOptions): Promise<Conversion>;
    /** Opens a model that convert made. `relaxed: false` and `exact: true` keep to instructions that give the same bits on
     * every machine. */
    load(model: Uint8Array | ArrayBuffer | Blob | Response,
         options?: { small?: boolean; exact?: boolean; simd?: boolean; relaxed?: boolean }): Promise<Model>;
};
