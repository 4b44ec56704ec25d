// The glue's types, as wasm-bindgen writes them; src/wasm/ says what they mean.
export class Autograd {
    private constructor();
    free(): void;
    [Symbol.dispose](): void;
    gradients(input: Float32Array, shape: Uint32Array | number[], options: any): object;
    static load(model: Uint8Array): Autograd;
    preprocess(rgba: Uint8Array, width: number, height: number): object;
}
export class Lab {
    private constructor();
    free(): void;
    [Symbol.dispose](): void;
    static load(digits: Uint8Array): Lab;
    presets(): Array<any>;
    run(settings: any): LabRun;
}
export class LabQuestion {
    private constructor();
    free(): void;
    [Symbol.dispose](): void;
    advance(): number;
    answer(): any;
    total(): number;
}
export class LabRun {
    private constructor();
    free(): void;
    [Symbol.dispose](): void;
    deletion(): LabQuestion;
    follow(layer: number, index: number): any;
    ledger(): LabQuestion;
    settings(): object;
    step(measure: boolean): object;
    steps(): number;
    test(): LabQuestion;
}
export function start(): void;
export type InitInput = RequestInfo | URL | Response | BufferSource | WebAssembly.Module;
export interface InitOutput {
    readonly memory: WebAssembly.Memory;
}
export type SyncInitInput = BufferSource | WebAssembly.Module;
export function initSync(module: { module: SyncInitInput } | SyncInitInput): InitOutput;
export default function __wbg_init (module_or_path: { module_or_path: InitInput | Promise<InitInput> } | InitInput | Promise<InitInput>): Promise<InitOutput>;
