"""The words in pictures that this guide adds, in Korean: put in their places when it is drawn."""

import logging
import re
from typing import Any

__all__ = ["in_korean", "put_into_korean"]

# Numbers stand as #, in their order; where the order is another one, as {0}, {1}.
_WORDS = {
    # which pages give to pictures
    "epoch": "에포크", "loss": "손실", "common": "흔함", "rare": "드묾", "# nodes": "노드 #개",
    # of pictures.py
    "year (shaded: the winters)": "연도(음영: 두 번의 겨울)",
    "Operations that one training took": "모델 하나의 학습에 든 연산의 수",
    "a nerve cell": "신경 세포", "synapses and dendrites": "시냅스와 가지돌기",
    "cell body": "세포체",
    "axon": "축삭", "to other cells": "다른 세포로", "a perceptron": "퍼셉트론",
    "inputs and weights": "입력과 가중치", "weighted sum": "가중합", "sum + b": "합 + b",
    "step": "계단 함수", "# or #": "# 또는 #",
    "other weights, bias #": "가중치를 바꿀 때, 편향 #",
    "other biases, weight #": "편향을 바꿀 때, 가중치 #",
    "p = # x + #, and its errors squared": "p = # x + #과 오차의 제곱",
    "rate #": "학습률 #", "from #, rate #": "출발점 #, 학습률 #",
    "out of the picture": "그림 밖으로", "no momentum": "모멘텀 없음", "momentum #": "모멘텀 #",
    "first weight": "첫째 가중치", "second weight": "둘째 가중치",
    "equal sizes, rate #": "같은 크기, 학습률 #",
    "# times as steep, rate #": "#배 가파름, 학습률 #",
    "the curve": "곡선", "the truth": "참값", "# x # nodes": "노드 {1}개짜리 층 {0}개",
    "training loss, # hidden layers": "훈련 데이터의 손실, 은닉층 #개",
    "plain": "평범한 층", "normalisation alone": "정규화만", "residual alone": "잔차 연결만",
    "both": "둘 다",
    "in a node: its value; on a line: its weight; below a node: dL / d(node)":
        "노드 안: 값, 선 위: 가중치, 노드 아래: dL / d(노드)",
}  # fmt: skip
# Matplotlib says that Hangul comes without a bold of its own; bold Latin stays bold.
logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
_NUMBER = re.compile(r"[-−]?\d[\d,.]*\d(?:-[\d-]*\d)?|[-−]?\d(?:-[\d-]*\d)?")


def in_korean(text: str) -> str:
    """A picture's words in Korean; as they are where none are known.

    Examples
    --------
    >>> in_korean("0 or 1"), in_korean("2 x 3 nodes"), in_korean("AlexNet")
    ('0 또는 1', '노드 3개짜리 층 2개', 'AlexNet')
    """
    plain = " ".join(text.split())
    korean = _WORDS.get(_NUMBER.sub("#", plain)) or _WORDS.get(plain)
    if korean is None:
        return text
    numbers = _NUMBER.findall(plain)
    if "{" in korean:
        return korean.format(*numbers)
    for number in numbers if "#" in korean else ():
        korean = korean.replace("#", number, 1)
    return korean


def put_into_korean(figure: Any) -> None:
    """Put into Korean what is still English in a figure that was drawn in Korean."""
    from matplotlib.text import Text

    from layerwise.draw.fonts import font_families

    for artist in figure.findobj(Text):
        korean = in_korean(artist.get_text())
        if korean != artist.get_text():
            artist.set_text(korean)
            artist.set_fontfamily(font_families(korean))
