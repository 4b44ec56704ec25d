// The glue's types, as wasm-bindgen writes them; src/wasm/ says what they mean.
export class Engine {
    private constructor();
    free(): void;
    [Symbol.dispose](): void;
    check(probe: Float32Array): Promise<void>;
    classifyBitmap(bitmap: ImageBitmap, options: object): Promise<import('reslens').Classification>;
    classify(rgba: Uint8Array | number[], width: number, height: number, options: object): Promise<import('reslens').Classification>;
    compile(kernel: number): Promise<void>;
    embedBitmap(bitmap: ImageBitmap): Promise<Float32Array>;
    embed(rgba: Uint8Array | number[], width: number, height: number): Promise<Float32Array>;
    kernels(): number;
    static load(model: Uint8Array, subgroups: boolean, software: boolean, labels?: Uint8Array | null): Promise<Engine>;
    logits(input: Float32Array, shape: Uint32Array | number[], options: object): Promise<import('reslens').Logits>;
    longestSide(): number;
    memory(): number;
    model(): Omit<import('reslens').Model, 'sha256'>;
    sweepBitmap(bitmap: ImageBitmap, options: object): Promise<Sweep>;
    sweepImage(input: Float32Array, shape: Uint32Array | number[], options: object): Promise<Sweep>;
    sweep(rgba: Uint8Array | number[], width: number, height: number, options: object): Promise<Sweep>;
}
export class Sweep {
    private constructor();
    free(): void;
    [Symbol.dispose](): void;
    blocks(): number;
    run(block: number): Promise<import('reslens').SweptBlock>;
    start(): Omit<import('reslens').Sweep, 'blocks'>;
}
export function start(): void;
export type InitInput = RequestInfo | URL | Response | BufferSource | WebAssembly.Module;
export interface InitOutput {
    readonly memory: WebAssembly.Memory;
}
export type SyncInitInput = BufferSource | WebAssembly.Module;
export function initSync(module: { module: SyncInitInput } | SyncInitInput): InitOutput;
export default function __wbg_init (module_or_path: { module_or_path: InitInput | Promise<InitInput> } | InitInput | Promise<InitInput>): Promise<InitOutput>;
