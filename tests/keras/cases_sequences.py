"""Recurrent layers, masks, attention."""
import json

import keras
import numpy as np
from library import case

BOTH = ("keras", "h5", "k2")
THREE = ("keras", "h5")


def gaps(rng):
    """Sequences of which some steps are 0."""
    x = rng.normal(0, 1, (2, 6, 4)).astype("float32")
    x[0, 3:] = 0
    x[1, 2] = 0
    x[1, 5] = 0
    return x


def tokens(rng):
    x = rng.integers(1, 9, (2, 6)).astype("float32")
    x[0, 4:] = 0
    x[1, 0] = 0
    return x


def add(name, kinds, build, shape=(6, 4), inputs=None):
    def model(K):
        x = K.Input(shape)
        return K.Model(x, build(K.layers, x))

    case(*kinds, name=name, inputs=inputs)(model)


cells = ("SimpleRNN", "LSTM", "GRU")
for name in cells:
    for sequence in (False, True):
        for backwards in (False, True):
            tag = f"{name}_{'all' if sequence else 'last'}_{'back' if backwards else 'ahead'}"
            settings = dict(return_sequences=sequence, go_backwards=backwards)
            add(tag, BOTH, lambda L, x, n=name, s=settings: getattr(L, n)(5, **s)(x))
            add(f"masked_{tag}", BOTH, lambda L, x, n=name, s=settings: getattr(L, n)(5, **s)(L.Masking()(x)), inputs=gaps)
            add(f"states_{tag}", BOTH, lambda L, x, n=name, s=settings: getattr(L, n)(5, return_state=True, **s)(x))
            add(f"masked_states_{tag}", BOTH,
                lambda L, x, n=name, s=settings: getattr(L, n)(5, return_state=True, **s)(L.Masking()(x)), inputs=gaps)
    for mode in ("concat", "sum", "mul", "ave", None):
        add(f"Bidirectional_{name}_{mode}", BOTH, lambda L, x, n=name, m=mode: L.Bidirectional(
            getattr(L, n)(3, return_sequences=True), merge_mode=m)(x))
    for sequence in (False, True):
        add(f"masked_Bidirectional_{name}_{sequence}", BOTH, lambda L, x, n=name, s=sequence: L.Bidirectional(
            getattr(L, n)(3, return_sequences=s))(L.Masking()(x)), inputs=gaps)
    add(f"states_Bidirectional_{name}", BOTH,
        lambda L, x, n=name: L.Bidirectional(getattr(L, n)(3, return_state=True, return_sequences=True))(x))

    def stateful(K, n=name):
        x = K.Input(batch_shape=(2, 6, 4))
        return K.Model(x, getattr(K.layers, n)(3, stateful=True, return_sequences=True)(x))

    case(*BOTH, name=f"stateful_{name}")(stateful)
    add(f"RNN_{name}Cell", BOTH, lambda L, x, n=name: L.RNN(getattr(L, n + "Cell")(3), return_sequences=True)(x))
    add(f"zero_output_{name}", BOTH, lambda L, x, n=name: getattr(L, n)(
        3, return_sequences=True, zero_output_for_mask=True, go_backwards=True)(L.Masking()(x)), inputs=gaps)

    def encoder(K, n=name):
        x, z = K.Input((6, 4)), K.Input((3, 2))
        _, *states = getattr(K.layers, n)(5, return_state=True)(x)
        return K.Model([x, z], getattr(K.layers, n)(5, return_sequences=True)(z, initial_state=states))

    case(*BOTH, name=f"encoder_decoder_{name}")(encoder)

    def encoder_both(K, n=name):
        x, z = K.Input((6, 4)), K.Input((3, 2))
        _, *states = K.layers.Bidirectional(getattr(K.layers, n)(5, return_state=True))(x)
        return K.Model([x, z], K.layers.Bidirectional(getattr(K.layers, n)(5))(z, initial_state=states))

    case(*BOTH, name=f"encoder_decoder_both_{name}")(encoder_both)
for state in (False, True):
    for sequence in (False, True):
        add(f"stacked_{state}_{sequence}", BOTH, lambda L, x, s=state, q=sequence: L.RNN(
            [L.LSTMCell(4), L.GRUCell(2), L.LSTMCell(3)], return_state=s, return_sequences=q)(x))
add("stacked_back", BOTH, lambda L, x: L.RNN([L.LSTMCell(4), L.GRUCell(2)], go_backwards=True)(L.Masking()(x)), inputs=gaps)
add("GRU_before", BOTH, lambda L, x: L.GRU(5, reset_after=False)(x))
add("LSTM_bare", BOTH, lambda L, x: L.LSTM(5, use_bias=False, activation="relu", recurrent_activation="hard_sigmoid")(x))

# masks through other layers
add("mask_embedding", BOTH, lambda L, x: L.LSTM(3)(L.Embedding(9, 4, mask_zero=True)(x)), (6,), tokens)
add("mask_through", BOTH, lambda L, x: L.GRU(3)(L.LayerNormalization()(L.Dropout(0.5)(L.Dense(4, activation="relu")(
    L.BatchNormalization()(L.Activation("tanh")(L.Embedding(9, 4, mask_zero=True)(x))))))), (6,), tokens)
add("mask_lost", BOTH, lambda L, x: L.GRU(3)(L.Conv1D(4, 3, padding="same")(L.Masking()(x))), inputs=gaps)
add("mask_reshape", BOTH, lambda L, x: L.GRU(3)(L.Reshape((6, 4))(L.Masking()(x))), inputs=gaps)
add("mask_mean", BOTH, lambda L, x: L.GlobalAveragePooling1D()(L.Embedding(9, 4, mask_zero=True)(x)), (6,), tokens)
add("mask_mean_keep", BOTH, lambda L, x: L.GlobalAveragePooling1D(keepdims=True)(L.Masking()(x)), inputs=gaps)
add("mask_max", BOTH, lambda L, x: L.GlobalMaxPooling1D()(L.Masking()(x)), inputs=gaps)
add("mask_two_layers", BOTH, lambda L, x: L.LSTM(2)(L.Bidirectional(L.GRU(3, return_sequences=True))(L.Masking()(x))),
    inputs=gaps)
add("mask_time_distributed", BOTH, lambda L, x: L.LSTM(2)(L.TimeDistributed(L.Dense(3))(L.Masking()(x))), inputs=gaps)
for merge in ("Add", "Multiply", "Maximum", "Average"):
    add(f"mask_{merge}", BOTH, lambda L, x, m=merge: L.LSTM(2)(getattr(L, m)()([L.Masking()(x), L.Masking(0.5)(L.Dense(4)(x))])),
        inputs=gaps)
    add(f"mask_one_{merge}", BOTH, lambda L, x, m=merge: L.LSTM(2)(getattr(L, m)()([L.Masking()(x), x])), inputs=gaps)
for axis in (-1, 1):
    add(f"mask_Concatenate_{axis}", BOTH, lambda L, x, a=axis: L.LSTM(2)(L.Concatenate(axis=a)(
        [L.Masking()(x), L.Masking(0.5)(L.Dense(4)(x))])), inputs=gaps)
add("mask_Concatenate_one", BOTH, lambda L, x: L.LSTM(2)(L.Concatenate()([L.Masking()(x), x])), inputs=gaps)


def nested(K):
    x = K.Input((6, 4))
    inner_in = K.Input((6, 4))
    inner = K.Model(inner_in, K.layers.LSTM(3, return_sequences=True)(K.layers.Dense(4)(inner_in)))
    return K.Model(x, K.layers.GRU(2)(inner(K.layers.Masking()(x))))


def sequential(K):
    return K.Sequential([K.Input((6,)), K.layers.Embedding(9, 4, mask_zero=True),
                         K.layers.Bidirectional(K.layers.LSTM(3, return_sequences=True)), K.layers.GlobalAveragePooling1D(),
                         K.layers.Dense(2)])


case(*BOTH, name="mask_sequential", inputs=tokens)(sequential)
case("keras", "h5", name="mask_nested", inputs=gaps)(nested)

# attention
for causal in (False, True):
    for kind in ("Attention", "AdditiveAttention"):
        add(f"{kind}_{causal}", BOTH, lambda L, x, k=kind, c=causal: getattr(L, k)()([L.Dense(3)(x), L.Dense(3)(x)],
                                                                                     use_causal_mask=c))
        add(f"mask_{kind}_{causal}", BOTH, lambda L, x, k=kind, c=causal: getattr(L, k)()(
            [L.Masking()(x), L.Masking()(x)], use_causal_mask=c), inputs=gaps)
    add(f"MultiHeadAttention_{causal}", BOTH, lambda L, x, c=causal: L.MultiHeadAttention(2, 3)(x, x, use_causal_mask=c))
    add(f"mask_MultiHeadAttention_{causal}", BOTH, lambda L, x, c=causal: L.MultiHeadAttention(2, 3)(
        *[L.Masking()(x)] * 2, use_causal_mask=c), inputs=gaps)
    add(f"mask_MultiHeadAttention_dropout_{causal}", BOTH, lambda L, x, c=causal: L.MultiHeadAttention(2, 3, dropout=0.1)(
        *[L.Masking()(x)] * 2, use_causal_mask=c), inputs=gaps)
    for groups in (1, 2, 4):
        add(f"GroupedQueryAttention_{groups}_{causal}", ("keras", "h5", "k2")[:2], lambda L, x, c=causal, g=groups:
            L.GroupQueryAttention(3, 4, g, use_bias=not c)(x, x, use_causal_mask=c))
add("mask_Attention_scores", BOTH, lambda L, x: L.Attention()(
    [L.Masking()(x), L.Masking()(x)], return_attention_scores=True), inputs=gaps)
add("MultiHeadAttention_scores", BOTH, lambda L, x: L.MultiHeadAttention(2, 3)(x, x, return_attention_scores=True))
add("MultiHeadAttention_window", THREE, lambda L, x: L.MultiHeadAttention(2, 3, sliding_window=2)(x, x))
add("MultiHeadAttention_gate", THREE, lambda L, x: L.MultiHeadAttention(2, 3, use_gate=True)(x, x))
add("GroupedQueryAttention_gate", THREE, lambda L, x: L.GroupQueryAttention(3, 4, 2, use_gate=True, sliding_window=3)(x, x))


def masked_scores(K):
    x, m = K.Input((6, 4)), K.Input((6, 6))
    return K.Model([x, m], K.layers.MultiHeadAttention(2, 3)(x, x, attention_mask=m > 0.5 if K is not keras else m))


case("keras", "h5", name="MultiHeadAttention_mask", inputs=lambda rng: [
    rng.normal(0, 1, (2, 6, 4)).astype("float32"), np.maximum(rng.integers(0, 2, (2, 6, 6)), np.eye(6)).astype("float32")])(
        masked_scores)

# convolutions step by step
for n, shape in ((1, (4, 7, 3)), (2, (3, 6, 5, 3)), (3, (2, 4, 5, 4, 2))):
    for i, settings in enumerate([{}, {"padding": "same", "return_sequences": True}, {
            "strides": 2, "return_state": True, "go_backwards": True}, {
                "use_bias": False, "activation": "relu", "recurrent_activation": "hard_sigmoid", "return_sequences": True,
                "return_state": True}]):
        add(f"ConvLSTM{n}D_{i}", BOTH, lambda L, x, n=n, s=settings: getattr(L, f"ConvLSTM{n}D")(4, 3, **s)(x), shape)
add("ConvLSTM2D_dilated", BOTH, lambda L, x: L.ConvLSTM2D(4, 2, dilation_rate=2)(x), (3, 6, 5, 3))


def as_cudnn(file):
    """The file as Keras would have written the same layers of cuDNN, which need a GPU to answer."""
    import h5py
    from tf_keras.src.saving.legacy import hdf5_format

    with h5py.File(file, "r+") as f:
        config = json.loads(f.attrs["model_config"])
        for layer in config["config"]["layers"]:
            kind = layer["class_name"]
            if kind not in ("LSTM", "GRU"):
                continue
            keep = ("name", "trainable", "dtype", "units", "return_sequences", "return_state", "go_backwards")
            layer["class_name"] = "CuDNN" + kind
            layer["config"] = {k: layer["config"][k] for k in keep}
            group = f["model_weights"][layer["config"]["name"]]
            names = [n.decode() if isinstance(n, bytes) else n for n in group.attrs["weight_names"]]
            target = type("CuDNN" + kind, (), {"units": layer["config"]["units"], "name": "cudnn"})()
            weights = hdf5_format._convert_rnn_weights(target, [group[n][()] for n in names])
            own = [n.replace(f"{kind.lower()}_cell/", "") for n in names]
            for old, new, w in zip(names, own, weights):
                del group[old]
                group[new] = w
            group.attrs["weight_names"] = [n.encode() for n in own]
        f.attrs["model_config"] = json.dumps(config)


for name in ("LSTM", "GRU"):
    for sequence in (False, True):
        def cudnn(K, n=name, q=sequence):
            x = K.Input((6, 4))
            return K.Model(x, getattr(K.layers, n)(3, return_sequences=q, return_state=not q)(x))

        case("k2", name=f"CuDNN{name}_{sequence}", edit=as_cudnn)(cudnn)
