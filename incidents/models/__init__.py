"""The closed loop's tables: the catalogue, the matrix, cases with their steps, clocks and demands.

Only `incidents.workflow` writes cases, steps, clocks and demands; the triggers here hold its rules
against everybody else, raw SQL included. Tables of spot checks, of messages and of undertakings
have files of their own beside this folder (`draws`, `letters`, `undertakings`).
"""

from incidents.draws import Draw, Drawn, DrawRule, Seal
from incidents.letters import Folded, Gateway, Message, Preference, PushDevice
from incidents.models.case import Case, NumberCounter, Reporter, Transition, Words
from incidents.models.catalogue import Category, Condition, MatrixRow
from incidents.models.clock import LOOP_CLOCKS, Clock, ClockEntry, Demand, SetAside
from incidents.models.evidence import Evidence, Fingerprint
from incidents.models.outbox import Outbox
from incidents.models.step import CaseUnit, Look, Step
from incidents.models.terms import (
    NEVER_CHANGED,
    NEVER_DELETED,
    OPEN,
    Basis,
    Kind,
    LimitUnit,
    Move,
    Priority,
    Stage,
)
from incidents.querysets import ENDS
from incidents.undertakings import JointCall, JointTask, Milestone, Plan

__all__ = [
    "Basis",
    "Case",
    "CaseUnit",
    "Category",
    "Clock",
    "ClockEntry",
    "Condition",
    "Demand",
    "Draw",
    "DrawRule",
    "Drawn",
    "ENDS",
    "Evidence",
    "Fingerprint",
    "Folded",
    "Gateway",
    "JointCall",
    "JointTask",
    "Kind",
    "LOOP_CLOCKS",
    "LimitUnit",
    "Look",
    "MatrixRow",
    "Message",
    "Milestone",
    "Move",
    "NEVER_CHANGED",
    "NEVER_DELETED",
    "NumberCounter",
    "OPEN",
    "Outbox",
    "Plan",
    "Preference",
    "Priority",
    "PushDevice",
    "Reporter",
    "Seal",
    "SetAside",
    "Stage",
    "Step",
    "Transition",
    "Words",
]
