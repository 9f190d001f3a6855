"""The C library and its types (packages/binding/handle.h)."""

import ctypes
import os
import sys

_NAME = {"darwin": "libfovea.dylib", "win32": "fovea.dll"}.get(sys.platform, "libfovea.so")
library = ctypes.CDLL(os.environ.get("FOVEA_LIBRARY") or os.path.join(os.path.dirname(__file__), _NAME))


class Error(ValueError):
    """What the engine or the converter refused, in its words; ``check`` is the id of the check, or ""."""

    def __init__(self, text: str, check: str = ""):
        super().__init__(text)
        self.check = check


class Failure(ctypes.Structure):
    _fields_ = [("status", ctypes.c_int32), ("check", ctypes.c_char * 8), ("text", ctypes.c_char * 628)]

    def error(self) -> Error:
        return Error(self.text.decode("utf-8", "replace"), self.check.decode())


class Answer(ctypes.Structure):
    _fields_ = [("values", ctypes.POINTER(ctypes.c_float)), ("room", ctypes.c_size_t),
                ("index", ctypes.POINTER(ctypes.c_uint32)), ("probability", ctypes.POINTER(ctypes.c_float)),
                ("top", ctypes.c_size_t), ("count", ctypes.c_size_t), ("found", ctypes.c_size_t)]


Watcher = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_char_p, ctypes.POINTER(ctypes.c_float), ctypes.c_size_t)

_handle, _size, _failure = ctypes.c_uint32, ctypes.c_size_t, ctypes.POINTER(Failure)
_floats, _answer = ctypes.c_void_p, ctypes.POINTER(Answer)
for _name, _result, _arguments in (
    ("open", _handle, [ctypes.c_void_p, _size, ctypes.c_uint32, ctypes.c_uint32, _failure]),
    ("close", ctypes.c_bool, [_handle, _failure]),
    ("inputs", _size, [_handle, _failure]),
    ("outputs", _size, [_handle, _failure]),
    ("predict", ctypes.c_bool, [_handle, _floats, _size, _answer, _failure]),
    ("pixels", ctypes.c_bool, [_handle, ctypes.c_char_p, _size, ctypes.c_uint32, ctypes.c_uint32, _size,
                               ctypes.c_uint32, _answer, _failure]),
    ("photo", ctypes.c_bool, [_handle, ctypes.c_char_p, _size, _answer, _failure]),
    ("watch", ctypes.c_bool, [_handle, _floats, _size, Watcher, ctypes.c_void_p, _failure]),
    ("describe", _size, [_handle, ctypes.c_char_p, _size, _failure]),
    ("convert", ctypes.c_void_p, [ctypes.c_char_p, _size, ctypes.c_char_p, ctypes.c_char_p, _size,
                                  ctypes.POINTER(_size), ctypes.c_char_p, _size, _failure]),
    ("free", None, [ctypes.c_void_p]),
):
    _function = getattr(library, "fovea_handle_" + _name)
    _function.restype, _function.argtypes = _result, _arguments


def call(name: str, *arguments):
    """Calls fovea_handle_NAME; raises Error where it refuses."""
    failure = Failure()
    result = getattr(library, "fovea_handle_" + name)(*arguments, ctypes.byref(failure))
    if not result:
        raise failure.error()
    return result
